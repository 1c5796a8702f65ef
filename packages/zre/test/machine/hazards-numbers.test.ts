import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stop } from '#src/machine/step.js'
import { Bench, drops, find, numbered, OTHER, PEER, sent, types } from '../support/machine.js'

// The hazards of the wire, by their names: what kills or loses a real peer, or us.

describe('sequence numbers', () => {
  it('count on from HELLO 1 and are never skipped', () => {
    const bench = Bench.withPeer()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.7:7', groups: ['g'] })
    const content = [Buffer.from('x')]
    const all = [
      ...bench.do({ type: 'whisper', to: PEER, content }),
      ...bench.do({ type: 'join', group: 'g' }),
      ...bench.message({ type: 'ping' }, 2),
      ...bench.do({ type: 'shout', group: 'g', content }),
      ...bench.do({ type: 'leave', group: 'g' }),
      ...bench.do({ type: 'whisper', to: OTHER, content }),
    ]
    const to = (id: string) => numbered(all.filter((effect) => effect.type === 'send' && effect.id === id))
    assert.deepEqual(to(PEER), [
      ['whisper', 2],
      ['join', 3],
      ['ping-ok', 4],
      ['leave', 5],
    ])
    assert.deepEqual(to(OTHER), [
      ['join', 2],
      ['shout', 3],
      ['leave', 4],
      ['whisper', 5],
    ])
  })

  it('wrap at 65536, ours', () => {
    const bench = Bench.withPeer()
    const numbers: number[] = []
    for (let count = 0; count < 65_537; count++) {
      numbers.push(
        ...sent(bench.do({ type: 'whisper', to: PEER, content: [] })).map(({ sequence }) => sequence),
      )
    }
    assert.deepEqual(numbers.slice(65_532), [65534, 65535, 0, 1, 2])
  })

  it('wrap at 65536, theirs', () => {
    const bench = Bench.withPeer()
    for (let sequence = 2; sequence <= 65_538; sequence++) {
      assert.equal(bench.whisper(sequence & 0xffff)[0]?.type, 'whisper')
    }
    assert.deepEqual(drops(bench.whisper(1)), ['duplicate'])
  })

  it('a gap: the peer is gone, and greeted anew over the mailbox that is there', () => {
    const bench = Bench.withPeer()
    const effects = bench.whisper(3)
    assert.deepEqual(types(effects), ['drop', 'exit', 'send hello'])
    assert.deepEqual(drops(effects), ['gap'])
    assert.equal(find(effects, 'exit').reason, 'broken')
    assert.deepEqual(drops(bench.whisper(4)), ['before-hello'])
    assert.deepEqual(types(bench.hello()), ['enter'])
    assert.deepEqual(types(bench.whisper(2)), ['whisper'])
  })

  it('a gap is told from a duplicate across the wrap', () => {
    assert.deepEqual(drops(Bench.withPeer().whisper(65535)), ['duplicate'])
    assert.deepEqual(drops(Bench.withPeer().whisper(2 + 0x7fff)), ['gap'])
  })

  it('a duplicate is dropped, and since nothing arrives twice a HELLO was lost before it: the peer is greeted anew', () => {
    const bench = Bench.withPeer()
    bench.whisper(2)
    const effects = bench.whisper(2)
    assert.deepEqual(types(effects), ['drop', 'exit', 'send hello'])
    assert.deepEqual(drops(effects), ['duplicate'])
    assert.deepEqual(drops(bench.whisper(3)), ['before-hello'])
    assert.deepEqual(types(bench.hello()), ['enter'])
  })

  it('an unknown id uses one up', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(drops(bench.message({ type: 'unknown', id: 99 }, 2)), ['unknown-message'])
    assert.deepEqual(types(bench.whisper(3)), ['whisper'])
  })

  it('ELECT and LEADER are understood: they use one up, and nothing comes of them', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(bench.message({ type: 'elect', group: 'g', challenger: PEER }, 2), [])
    assert.deepEqual(bench.message({ type: 'leader', group: 'g', challenger: PEER }, 3), [])
    assert.deepEqual(types(bench.whisper(4)), ['whisper'])
  })
})

describe('a message before HELLO', () => {
  it('is dropped, from an unknown peer', () => {
    assert.deepEqual(drops(new Bench().whisper(1)), ['unknown-peer'])
    assert.deepEqual(drops(new Bench().message({ type: 'goodbye' }, 1)), ['unknown-peer'])
  })

  it('is dropped, from a peer that we greeted', () => {
    const bench = new Bench()
    bench.beacon()
    assert.deepEqual(drops(bench.whisper(2)), ['before-hello'])
    assert.deepEqual(types(bench.hello()), ['enter'])
  })

  it('shows so, too, of a peer that is connected and has said nothing for longer than it takes to expire', () => {
    const bench = new Bench()
    bench.beacon()
    bench.do({ type: 'connected', id: PEER })
    bench.wait(8000)
    bench.message({ type: 'ping' }, 2)
    assert.deepEqual(
      types(bench.wait(2000)).filter((type) => type !== 'beacon'),
      ['open', 'send hello'],
    )
  })

  it('shows that the peer believes to have greeted us: it is greeted again within two seconds, not after five', () => {
    const bench = new Bench()
    bench.beacon()
    bench.message({ type: 'ping' }, 2)
    assert.deepEqual(
      types(bench.wait(2000)).filter((type) => type !== 'beacon'),
      ['open', 'send hello'],
    )
  })

  it('is not answered faster than that, however many there are', () => {
    const bench = new Bench()
    bench.beacon()
    let hellos = 0
    for (let time = 0; time < 10_000; time += 10) {
      bench.message({ type: 'ping' }, 2)
      bench.beacon()
      hellos += sent(bench.wait(10)).length
    }
    assert.ok(hellos >= 5 && hellos <= 10, `${hellos}`)
  })
})

describe('content', () => {
  it('is never without a frame', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(find(bench.message({ type: 'whisper', content: [] }, 2), 'whisper').content, [
      Buffer.alloc(0),
    ])
    const shout = find(bench.message({ type: 'shout', group: 'g', content: [] }, 3), 'shout')
    assert.deepEqual(shout.content, [Buffer.alloc(0)])
  })
})

describe('GOODBYE', () => {
  it('is an exit', () => {
    const effects = Bench.withPeer().message({ type: 'goodbye' }, 2)
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'stopped')
  })

  it('is never sent, nor are ELECT and LEADER: a gyre node panics at them', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(types(stop(bench.state)), ['close', 'beacon'])
  })
})
