import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HELD_FRAME_BYTES, MAX_HELD_BYTES, MAX_HELD_MESSAGES } from '#src/machine/arrive.js'
import { marked } from '#src/wire/identity.js'
import { Bench, drops, find, numbered, OTHER, PEER, PEER_ENDPOINT, sent, types } from '../support/machine.js'

const OURS = marked('7'.repeat(32))
const ELSEWHERE = 'tcp://10.0.0.3:50001'

/** A peer that is present. The next mailbox shakes hands when a test says so. */
function connected(): Bench {
  const bench = Bench.withPeer()
  bench.wait(0)
  bench.plugs = false
  return bench
}

function disconnected(): Bench {
  const bench = connected()
  bench.do({ type: 'disconnected', id: PEER })
  return bench
}

function connectedAgain(): Bench {
  const bench = disconnected()
  plug(bench)
  return bench
}

/** A node of this library that was lost, and to which a connection stands again. */
function lostOurs(): Bench {
  const bench = new Bench()
  bench.hello(OURS)
  bench.do({ type: 'connected', id: OURS })
  bench.plugs = false
  bench.do({ type: 'disconnected', id: OURS })
  bench.do({ type: 'connected', id: OURS })
  return bench
}

const plug = (bench: Bench) => bench.do({ type: 'connected', id: PEER })
const disconnectAll = (bench: Bench) => bench.do({ type: 'disconnected', id: PEER })

describe('a connection that breaks', () => {
  it('is the end of the peer, which is greeted anew over a new mailbox', () => {
    const effects = disconnectAll(connected())
    assert.deepEqual(types(effects), ['exit', 'open', 'send hello'])
    assert.equal(find(effects, 'exit').reason, 'lost')
    assert.equal(find(effects, 'open').endpoint, PEER_ENDPOINT)
    assert.deepEqual(numbered(effects), [['hello', 1]])
  })

  it('of a peer that has not greeted us yet is no event, and HELLO is said again', () => {
    const bench = Bench.disconnected()
    bench.beacon()
    plug(bench)
    assert.deepEqual(types(disconnectAll(bench)), ['open', 'send hello'])
  })

  it('of nobody is nothing', () => {
    const bench = connected()
    assert.deepEqual(bench.do({ type: 'disconnected', id: OTHER }), [])
    assert.deepEqual(bench.do({ type: 'connected', id: OTHER }), [])
  })

  it('leaves a peer to whom nothing is sent but HELLO, and who is gone for good after the time of Go', () => {
    const bench = disconnected()
    assert.deepEqual(bench.do({ type: 'whisper', to: PEER, content: [] }), [])
    const effects = bench.wait(6000)
    assert.deepEqual(
      types(effects).filter((type) => type !== 'beacon'),
      ['close'],
    )
    assert.equal(bench.state.peers.size, 0)
  })

  it('before a stop beacon: the exit was told already', () => {
    assert.deepEqual(types(disconnected().beacon(PEER, 0)), ['close'])
  })
})

describe('a connection that can not be made', () => {
  it('is nothing: who has greeted us is not present before it is made, however long that takes', () => {
    const bench = Bench.disconnected()
    bench.beacon()
    assert.deepEqual(types(disconnectAll(bench)), [])
    assert.deepEqual(bench.hello(PEER, { groups: ['g'] }), [])
    assert.deepEqual(bench.do({ type: 'whisper', to: PEER, content: [] }), [])
    for (let second = 0; second < 60; second++) {
      assert.deepEqual(types([...disconnectAll(bench), ...bench.beacon()]), [])
      assert.ok(!types(bench.wait(1000)).includes('enter'))
    }
    assert.deepEqual(types(plug(bench)), ['enter', 'join'])
  })

  it('takes a place of a peer, which is given up when nothing is heard of it', () => {
    const bench = Bench.disconnected()
    bench.hello()
    assert.ok(types(bench.wait(6000)).includes('close'))
    assert.equal(bench.state.peers.size, 0)
  })
})

describe('what a peer says before our connection to it is made', () => {
  /** It has greeted us. */
  function greeted(): Bench {
    const bench = Bench.disconnected()
    bench.hello()
    return bench
  }

  it('waits for that, and keeps its order', () => {
    const bench = greeted()
    assert.deepEqual(bench.whisper(2, 'one'), [])
    assert.deepEqual(bench.message({ type: 'join', group: 'g', status: 1 }, 3), [])
    assert.deepEqual(bench.whisper(4, 'two'), [])
    assert.deepEqual(bench.message({ type: 'ping' }, 5), [])
    assert.deepEqual(types(plug(bench)), ['enter', 'whisper', 'join', 'whisper', 'send ping-ok'])
    assert.deepEqual(types(bench.whisper(6)), ['whisper'])
  })

  it('counts for nothing when something is missing, until it greets us again', () => {
    const bench = greeted()
    bench.whisper(2)
    assert.deepEqual(drops(bench.whisper(4)), ['gap'])
    assert.deepEqual(drops(bench.whisper(5)), ['before-hello'])
    assert.deepEqual(plug(bench), [])
    assert.ok(types(bench.wait(2000)).includes('send hello'), 'asked for it by ours')
    bench.hello()
    assert.deepEqual(types(plug(bench)), ['enter'])
  })

  it('begins anew when it greets us again', () => {
    const bench = greeted()
    bench.whisper(2, 'before')
    bench.hello()
    bench.whisper(2, 'after')
    const effects = plug(bench)
    assert.deepEqual(types(effects), ['enter', 'whisper'])
    assert.equal(String(find(effects, 'whisper').content[0]), 'after')
  })

  it('is bounded in number', () => {
    const bench = greeted()
    for (let number = 0; number < MAX_HELD_MESSAGES; number++) assert.deepEqual(bench.whisper(2 + number), [])
    assert.deepEqual(drops(bench.whisper(2 + MAX_HELD_MESSAGES)), ['before-handshake'])
    assert.deepEqual(plug(bench), [])
  })

  it('is bounded in bytes, of all peers together', () => {
    const bench = greeted()
    bench.hello(OTHER, { endpoint: ELSEWHERE })
    const half = Buffer.alloc(MAX_HELD_BYTES / 2 - 2 * HELD_FRAME_BYTES)
    for (const from of [PEER, OTHER]) {
      assert.deepEqual(bench.message({ type: 'whisper', content: [half] }, 2, from), [])
    }
    assert.deepEqual(drops(bench.whisper(3)), ['before-handshake'])
    assert.deepEqual(bench.whisper(3, 'x', OTHER), [], 'there is room again')
  })

  it('is bounded in frames, however small they are', () => {
    const bench = greeted()
    const content = Array.from({ length: MAX_HELD_BYTES / HELD_FRAME_BYTES / 2 }, () => Buffer.alloc(0))
    assert.deepEqual(bench.message({ type: 'whisper', content }, 2), [])
    assert.deepEqual(drops(bench.message({ type: 'whisper', content }, 3)), ['before-handshake'])
  })

  it('is bounded in messages without content, of all peers together', () => {
    const bench = greeted()
    const peers = MAX_HELD_BYTES / HELD_FRAME_BYTES / MAX_HELD_MESSAGES
    const join = (at: number) => ({ type: 'join', group: `g${at}`, status: at & 0xff }) as const
    for (let peer = 0; peer < peers; peer++) {
      const id = peer.toString(16).padStart(32, '0').toUpperCase().replace(/^0/, 'A')
      bench.hello(id, { endpoint: `tcp://10.0.0.3:${1000 + peer}` })
      for (let at = 0; at < MAX_HELD_MESSAGES; at++) assert.deepEqual(bench.message(join(at), 2 + at, id), [])
    }
    assert.deepEqual(drops(bench.message(join(0), 2)), ['before-handshake'])
  })

  it('is nothing if it is GOODBYE, or the peer is gone', () => {
    const bench = greeted()
    bench.whisper(2)
    assert.deepEqual(types(bench.message({ type: 'goodbye' }, 3)), ['close'])
    assert.deepEqual(plug(bench), [])
  })
})

describe('a peer that was lost', () => {
  it('is not back by a beacon alone, nor by a handshake alone, which asks it to speak', () => {
    const bench = disconnected()
    assert.deepEqual(bench.beacon(), [])
    assert.deepEqual(numbered(plug(bench)), [['ping', 2]])
  })

  it('is back with its answer, in the groups that it was in', () => {
    const bench = connected()
    bench.message({ type: 'join', group: 'g', status: 1 }, 2)
    disconnectAll(bench)
    plug(bench)
    const effects = bench.message({ type: 'ping-ok' }, 3)
    assert.deepEqual(types(effects), ['enter', 'join', 'answered'])
    assert.deepEqual(types(bench.whisper(4)), ['whisper'])
    assert.deepEqual(bench.do({ type: 'whisper', to: PEER, content: [] }).length, 1)
  })

  it('that is of this library is not back by what it said before it read our HELLO, but by its own', () => {
    const bench = lostOurs()
    assert.deepEqual(bench.message({ type: 'ping-ok' }, 2, OURS), [])
    assert.deepEqual(bench.whisper(3, 'void', OURS), [])
    assert.deepEqual(types(bench.hello(OURS)), ['enter'])
  })

  it('that is of this library is back by its answers to HELLO and PING, where it owes no HELLO, and nothing that it said is missing', () => {
    const bench = lostOurs()
    bench.whisper(2, 'kept', OURS)
    assert.deepEqual(bench.message({ type: 'ping' }, 3, OURS), [], 'it may be the last word of a dead one')
    const effects = bench.message({ type: 'ping-ok' }, 4, OURS)
    assert.deepEqual(types(effects), ['enter', 'whisper', 'send ping-ok', 'answered'])
  })

  it('is not back by what the network has held up, while another took its endpoint: those may be its last words', () => {
    for (const [bench, id] of [
      [lostOurs(), OURS],
      [connectedAgain(), PEER],
    ] as const) {
      assert.deepEqual(bench.whisper(2, 'late', id), [])
      assert.deepEqual(bench.message({ type: 'ping' }, 3, id), [])
      assert.deepEqual(bench.message({ type: 'join', group: 'g', status: 1 }, 4, id), [])
      const effects = bench.hello(OTHER)
      assert.ok(!types(effects).includes('exit'), 'nobody was there')
      assert.equal(bench.state.peers.has(id), false)
    }
  })

  it('is not back by what has come before we stood still, and is read late', () => {
    const bench = lostOurs()
    bench.now += 5000
    assert.deepEqual(types(bench.do({ type: 'tick' })), ['beacon'])
    assert.deepEqual(bench.whisper(2, 'late', OURS), [])
    bench.wait(2000)
    assert.deepEqual(types(bench.whisper(3, 'alive', OURS)), ['enter', 'whisper', 'whisper'])
  })

  it('that is of this library and answers with nothing is asked again, and is back by what it says then', () => {
    const bench = lostOurs()
    bench.whisper(2, 'kept', OURS)
    assert.ok(types(bench.wait(2000)).includes('send ping'))
    assert.deepEqual(types(bench.message({ type: 'ping-ok' }, 3, OURS)), ['enter', 'whisper', 'answered'])
  })

  it('that is of this library and misses something, or says too much, is back with its HELLO only', () => {
    const missing = lostOurs()
    missing.whisper(2, 'void', OURS)
    assert.deepEqual(drops(missing.whisper(4, 'later', OURS)), ['before-hello'])
    assert.deepEqual(types(missing.hello(OURS)), ['enter'])
    const full = lostOurs()
    for (let number = 0; number < MAX_HELD_MESSAGES; number++) full.whisper(2 + number, '', OURS)
    assert.deepEqual(drops(full.whisper(2 + MAX_HELD_MESSAGES, '', OURS)), ['before-hello'])
    assert.deepEqual(types(full.hello(OURS)), ['enter'])
  })

  it('is not back by what it said before a handshake: those may be the last words of a dead one', () => {
    const bench = disconnected()
    assert.deepEqual(drops(bench.whisper(2)), ['before-hello'])
    assert.deepEqual(bench.message({ type: 'join', group: 'g', status: 1 }, 3), [])
    plug(bench)
    const effects = bench.message({ type: 'ping-ok' }, 4)
    assert.deepEqual(types(effects), ['enter', 'join', 'answered'], 'and none of them is missing')
    assert.equal(find(effects, 'join').group, 'g')
  })

  it('of which something is missing is back with its HELLO only', () => {
    const bench = disconnected()
    plug(bench)
    assert.deepEqual(drops(bench.whisper(3)), ['before-hello'])
    assert.deepEqual(drops(bench.whisper(2)), ['before-hello'])
    assert.deepEqual(types(bench.hello()), ['enter'])
  })

  it('and does not say HELLO is asked for it by ours, within two seconds', () => {
    const bench = disconnected()
    plug(bench)
    bench.whisper(3)
    assert.ok(types(bench.wait(2000)).includes('send hello'))
  })

  it('is back with its HELLO and a handshake, and needs no second HELLO of ours', () => {
    const bench = disconnected()
    assert.deepEqual(bench.hello(), [])
    assert.deepEqual(types(plug(bench)), ['enter'])
  })

  it('and is somewhere else now, by its HELLO or its beacon, is greeted there', () => {
    const byHello = disconnected().hello(PEER, { endpoint: ELSEWHERE })
    assert.deepEqual(types(byHello), ['open', 'send hello'])
    assert.equal(find(byHello, 'open').endpoint, ELSEWHERE)
    const byBeacon = disconnected().beacon(PEER, 50001, '10.0.0.3')
    assert.deepEqual(types(byBeacon), ['open', 'send hello'])
    assert.equal(find(byBeacon, 'open').endpoint, ELSEWHERE)
  })

  it('and says GOODBYE is gone', () => {
    assert.deepEqual(types(disconnected().message({ type: 'goodbye' }, 2)), ['close'])
  })

  it('while our interface has no address is not greeted: its HELLO would name one that is ours no more', () => {
    const bench = connected()
    const effects = bench.do({ type: 'disconnected', id: PEER, interfaceDown: true })
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'lost')
    assert.deepEqual(types(bench.beacon()), ['open', 'send hello'])
  })

  it('and is back at another endpoint is there for all to see', () => {
    const bench = disconnected()
    bench.beacon(PEER, 50001, '10.0.0.3')
    plug(bench)
    const { peer } = find(bench.message({ type: 'ping-ok' }, 2), 'enter')
    assert.deepEqual([peer.endpoint, peer.address], [ELSEWHERE, '10.0.0.3'])
  })

  it('once and again is told each time', () => {
    const bench = disconnected()
    plug(bench)
    bench.message({ type: 'ping-ok' }, 2)
    assert.deepEqual(types(disconnectAll(bench)), ['exit', 'open', 'send hello'])
  })
})

describe('a peer that is silent and whose connection lives', () => {
  const exits = (effects: ReturnType<Bench['wait']>) => effects.filter(({ type }) => type === 'exit')

  it('is slow and not gone, for a minute', () => {
    const bench = connected()
    assert.deepEqual(exits(bench.wait(59_000)), [])
    assert.deepEqual(types(exits(bench.wait(1000))), ['exit'])
  })

  it('is evasive, and pinged all the while', () => {
    const effects = connected().wait(59_000)
    assert.equal(types(effects).filter((type) => type === 'evasive').length, 1)
    assert.ok(sent(effects).length >= 20)
  })

  it('and has not greeted us is left in peace: our HELLO waits for it', () => {
    const bench = new Bench()
    bench.beacon()
    plug(bench)
    assert.deepEqual(sent(bench.wait(50_000)), [])
    assert.deepEqual(types(bench.hello()), ['enter'])
  })

  it('and loses it is gone at once', () => {
    const bench = connected()
    bench.wait(30_000)
    assert.deepEqual(types(exits(disconnectAll(bench))), ['exit'])
  })
})

describe('our own stall', () => {
  /** The timer rings late, then it rings as it should. */
  function stall(bench: Bench, duration: number): ReturnType<Bench['wait']> {
    bench.now += duration
    return bench.do({ type: 'tick' })
  }

  it('is no silence of others: nobody is gone, evasive or pinged for it', () => {
    const bench = Bench.withPeer()
    bench.wait(0)
    assert.deepEqual(types(stall(bench, 3_600_000)), ['beacon'])
    assert.deepEqual(sent(bench.wait(1900)), [])
  })

  it('adds nothing to a silence that was there before, and takes nothing from it', () => {
    const bench = Bench.withPeer()
    bench.wait(59_000)
    stall(bench, 600_000)
    const effects = bench.wait(3000)
    assert.equal(find(effects, 'exit').reason, 'expired')
  })

  it('lets what came in meanwhile be read before anyone is examined', () => {
    const bench = Bench.withPeer()
    bench.wait(4900)
    assert.deepEqual(types(stall(bench, 60_000)), ['beacon'])
    bench.whisper(2)
    assert.ok(!types(bench.wait(2000)).includes('exit'))
  })

  it('has one that we greeted and that has not answered asked: it may have given us up', () => {
    const short = Bench.withPeer()
    short.beacon(OTHER, 50001)
    short.wait(0)
    assert.deepEqual(types(stall(short, 3000)), ['beacon'])
    const long = Bench.withPeer()
    long.beacon(OTHER, 50001)
    long.wait(0)
    const effects = stall(long, 8000)
    assert.equal(find(effects, 'send').id, OTHER)
    assert.deepEqual(types(effects), ['send ping', 'beacon'])
  })

  it('does not make a HELLO that nobody could answer meanwhile late', () => {
    const bench = new Bench()
    bench.beacon()
    bench.wait(0)
    stall(bench, 60_000)
    bench.beacon()
    assert.deepEqual(sent(bench.wait(3900)), [])
  })
})
