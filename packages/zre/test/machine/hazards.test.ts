import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stop } from '#src/machine/step.js'
import {
  Bench,
  drops,
  find,
  numbered,
  OTHER,
  PEER,
  PEER_ENDPOINT,
  sent,
  types,
  US,
} from '../support/machine.js'

// Each hazard of the wire, by its name in the list of what kills or loses a real peer.

describe('discovery', () => {
  it('a first beacon opens a mailbox to its source and says HELLO 1 at once', () => {
    const bench = new Bench({ groups: ['one', 'two'], headers: new Map([['k', 'v']]) })
    const effects = bench.beacon()
    assert.deepEqual(types(effects), ['open', 'send hello'])
    assert.equal(find(effects, 'open').endpoint, PEER_ENDPOINT)
    assert.deepEqual(sent(effects)[0], {
      type: 'send',
      id: PEER,
      sequence: 1,
      message: {
        type: 'hello',
        endpoint: 'tcp://10.0.0.1:49152',
        groups: ['one', 'two'],
        status: 2,
        name: 'us',
        headers: new Map([['k', 'v']]),
      },
    })
  })

  it('a peer enters when it has said HELLO, and then joins its groups', () => {
    const bench = new Bench()
    bench.beacon()
    const effects = bench.hello(PEER, { groups: ['a', 'b'], name: 'bob', headers: new Map([['k', 'v']]) })
    assert.deepEqual(types(effects), ['enter', 'join', 'join'])
    const { peer } = find(effects, 'enter')
    assert.deepEqual(peer, {
      id: PEER,
      name: 'bob',
      endpoint: PEER_ENDPOINT,
      address: '10.0.0.2',
      headers: new Map([['k', 'v']]),
      groups: new Set(['a', 'b']),
    })
  })

  it('HELLO from a node not heard of before is answered at the endpoint that it names', () => {
    const effects = new Bench().hello(PEER, { endpoint: 'tcp://10.0.0.9:1234' })
    assert.deepEqual(types(effects), ['open', 'send hello', 'enter'])
    assert.equal(find(effects, 'open').endpoint, 'tcp://10.0.0.9:1234')
    assert.equal(find(effects, 'enter').peer.address, '10.0.0.9')
  })

  it("a beacon's source counts before the endpoint in HELLO, as at gyre", () => {
    const bench = new Bench()
    bench.beacon(PEER, 50000, '10.0.0.2')
    const effects = bench.hello(PEER, { endpoint: 'tcp://10.0.0.9:1234' })
    assert.deepEqual(types(effects), ['enter'])
    assert.equal(find(effects, 'enter').peer.endpoint, PEER_ENDPOINT)
  })

  it('HELLO of a peer that beacons is good whatever endpoint it names', () => {
    const bench = new Bench()
    bench.beacon()
    assert.deepEqual(types(bench.hello(PEER, { endpoint: 'tcp://nonsense' })), ['enter'])
  })

  it('a second beacon changes nothing', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(bench.beacon(), [])
  })

  it('beacons: at once, then in quick succession, then at the interval', () => {
    const bench = new Bench()
    const start = bench.now
    const times: number[] = []
    while (bench.now < start + 3500) {
      if (bench.do({ type: 'tick' }).some(({ type }) => type === 'beacon')) times.push(bench.now - start)
      bench.now += 10
    }
    assert.deepEqual(times, [0, 50, 150, 350, 1350, 2350, 3350])
  })
})

describe('port 0', () => {
  it('in a beacon means that the peer leaves', () => {
    const bench = Bench.withPeer()
    const effects = bench.beacon(PEER, 0)
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'stopped')
    assert.equal(find(effects, 'close').flush, false)
    assert.deepEqual(types(bench.whisper(2)), ['drop'])
  })

  it('in a beacon of a peer that was only greeted is no exit', () => {
    const bench = new Bench()
    bench.beacon()
    assert.deepEqual(types(bench.beacon(PEER, 0)), ['close'])
  })

  it('in a beacon of an unknown node is nothing', () => {
    assert.deepEqual(new Bench().beacon(PEER, 0), [])
  })

  it("in HELLO's endpoint is no place to connect to", () => {
    const bench = new Bench()
    assert.deepEqual(drops(bench.hello(PEER, { endpoint: 'tcp://10.0.0.2:0' })), ['hello-endpoint'])
    assert.equal(bench.state.peers.size, 0)
  })
})

describe('HELLO', () => {
  it('with any other number than 1 is dropped, from a peer in any state', () => {
    for (const bench of [new Bench(), Bench.withPeer()]) {
      for (const sequence of [0, 2, 65535]) {
        assert.deepEqual(drops(bench.hello(PEER, { sequence })), ['hello-sequence'])
      }
    }
  })

  it('from a known peer: exit, an answer with a HELLO of our own, enter; numbers start anew', () => {
    const bench = Bench.withPeer()
    bench.whisper(2)
    const effects = bench.hello(PEER, { groups: ['new'] })
    assert.deepEqual(types(effects), ['exit', 'send hello', 'enter', 'join'])
    assert.equal(find(effects, 'exit').reason, 'restarted')
    assert.deepEqual(numbered(effects), [['hello', 1]])
    assert.deepEqual(types(bench.whisper(2)), ['whisper'])
    assert.deepEqual(numbered(bench.do({ type: 'whisper', to: PEER, content: [] })), [['whisper', 2]])
  })

  it('from a known peer gives a new object, and leaves the old one as it was', () => {
    const bench = new Bench()
    bench.beacon()
    const before = find(bench.hello(PEER, { groups: ['old'] }), 'enter').peer
    const effects = bench.hello(PEER, { groups: ['new'] })
    assert.equal(find(effects, 'exit').peer, before)
    assert.deepEqual([...before.groups], ['old'])
    assert.deepEqual([...find(effects, 'enter').peer.groups], ['new'])
  })

  it('from a known peer that has another endpoint now: a mailbox there', () => {
    const bench = Bench.withPeer()
    const effects = bench.hello(PEER, { endpoint: 'tcp://10.0.0.3:50000' })
    assert.deepEqual(types(effects), ['exit', 'open', 'send hello', 'enter'])
    assert.equal(find(effects, 'open').endpoint, 'tcp://10.0.0.3:50000')
    assert.equal(find(effects, 'enter').peer.endpoint, 'tcp://10.0.0.3:50000')
  })

  it('naming an endpoint off the network is not connected to', () => {
    const bench = new Bench()
    assert.deepEqual(drops(bench.hello(PEER, { endpoint: 'tcp://192.0.2.1:80' })), ['hello-endpoint'])
    assert.deepEqual(drops(bench.hello(PEER, { endpoint: 'tcp://example.org:80' })), ['hello-endpoint'])
    assert.equal(bench.state.peers.size, 0)
  })

  it('that sends a present peer off the network is answered where it was', () => {
    const bench = Bench.withPeer()
    const effects = bench.hello(PEER, { endpoint: 'tcp://192.0.2.1:80' })
    assert.deepEqual(types(effects), ['exit', 'send hello', 'enter'])
    assert.equal(find(effects, 'enter').peer.endpoint, PEER_ENDPOINT)
  })

  it('naming our own endpoint is not connected to', () => {
    const bench = new Bench()
    assert.deepEqual(drops(bench.hello(PEER, { endpoint: bench.state.endpoint })), ['hello-endpoint'])
  })
})

describe('crossing HELLOs', () => {
  it('need no third: whoever greeted and is greeted is done', () => {
    const bench = new Bench()
    bench.beacon()
    assert.deepEqual(types(bench.hello()), ['enter'])
  })

  it('a second HELLO soon after one was answered gets a PING, which a node that misses our HELLO starts over at', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(numbered(bench.hello()), [['hello', 1]])
    bench.now += 999
    assert.deepEqual(numbered(bench.hello()), [['ping', 2]])
    bench.now += 1
    assert.deepEqual(numbered(bench.hello()), [['hello', 1]])
  })

  it('with a peer that answers each HELLO of a ready peer come to an end', () => {
    for (const ready of [false, true]) {
      const bench = Bench.withPeer()
      const gyre = new GyreModel(ready)
      let toUs = 2
      let rounds = 0
      // Both hold each other present, and two HELLOs of the other's are under way.
      while (toUs > 0) {
        rounds++
        const effects = bench.hello()
        bench.now += 1
        toUs += sent(effects).reduce((sum, { message }) => sum + gyre.receive(message.type), -1)
      }
      assert.ok(rounds <= 4, `${rounds} HELLOs`)
    }
  })
})

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

describe('no handover at gyre', () => {
  it('who beacons and never answers gets a HELLO over a fresh mailbox, and again', () => {
    const bench = new Bench()
    bench.beacon()
    const effects = []
    for (let second = 0; second < 12; second++) {
      bench.beacon()
      effects.push(...bench.wait(1000))
    }
    assert.deepEqual(
      types(effects).filter((type) => type !== 'beacon'),
      ['open', 'send hello', 'open', 'send hello'],
    )
    assert.deepEqual(numbered(effects), [
      ['hello', 1],
      ['hello', 1],
    ])
  })
})

describe('beacons from elsewhere than our mailbox is connected to', () => {
  it('do not keep a peer that answers no PING: it is greeted there', () => {
    const bench = Bench.withPeer()
    const effects = []
    for (let second = 0; second < 6; second++) {
      effects.push(...bench.beacon(PEER, 50001, '10.0.0.3'), ...bench.wait(1000))
    }
    assert.deepEqual(
      types(effects).filter((type) => type !== 'beacon'),
      ['evasive', 'send ping', 'send ping', 'exit', 'close', 'open', 'send hello'],
    )
    assert.equal(find(effects, 'open').endpoint, 'tcp://10.0.0.3:50001')
  })

  it('do no harm to one that answers: it may have several addresses', () => {
    const bench = Bench.withPeer()
    for (let second = 0, sequence = 2; second < 30; second++) {
      bench.beacon(PEER, 50001, '10.0.0.3')
      const effects = bench.wait(1000)
      assert.ok(!types(effects).includes('exit'))
      for (const _ping of sent(effects)) bench.message({ type: 'ping-ok' }, sequence++)
    }
  })
})

describe('names', () => {
  it('may clash: two peers of one name are two peers', () => {
    const bench = new Bench()
    bench.hello(PEER, { name: 'same' })
    bench.hello(OTHER, { name: 'same', endpoint: 'tcp://10.0.0.3:3' })
    assert.equal(bench.state.peers.size, 2)
    const effects = bench.whisper(2, 'from the other', OTHER)
    assert.equal(find(effects, 'whisper').peer.id, OTHER)
  })
})

describe('groups', () => {
  const join = (group: string, status: number) => ({ type: 'join', group, status }) as const
  const leave = (group: string, status: number) => ({ type: 'leave', group, status }) as const

  it('JOIN and LEAVE of a peer change its groups and are told', () => {
    const bench = Bench.withPeer()
    const joined = find(bench.message(join('g', 1), 2), 'join')
    assert.deepEqual([joined.group, [...joined.peer.groups]], ['g', ['g']])
    const left = find(bench.message(leave('g', 2), 3), 'leave')
    assert.deepEqual([left.group, [...left.peer.groups]], ['g', []])
  })

  it('a status mismatch is counted, and the message counts all the same', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(types(bench.message(join('g', 7), 2)), ['drop', 'join'])
    assert.deepEqual(drops(bench.message(join('h', 7), 3)), ['status-mismatch'])
    assert.deepEqual(types(bench.message(leave('h', 8), 4)), ['leave'])
  })

  it('a status wraps at 256', () => {
    const bench = new Bench()
    bench.hello(PEER, { status: 255 })
    assert.deepEqual(types(bench.message(join('g', 0), 2)), ['join'])
  })

  it('JOIN of a group that the peer is in, or LEAVE of another, is not told twice', () => {
    const bench = new Bench()
    bench.hello(PEER, { groups: ['g'] })
    assert.deepEqual(bench.message(join('g', 1), 2), [])
    assert.deepEqual(bench.message(leave('h', 2), 3), [])
  })

  it('our JOIN goes to greeted peers as well, with the status last told plus one', () => {
    const bench = new Bench({ groups: ['first'] })
    const hello = sent(bench.beacon())[0]?.message
    assert.equal(hello?.type === 'hello' && hello.status, 1)
    const effects = bench.do({ type: 'join', group: 'g' })
    assert.deepEqual(sent(effects)[0], {
      type: 'send',
      id: PEER,
      sequence: 2,
      message: { type: 'join', group: 'g', status: 2 },
    })
    const later = sent(bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' }))[0]?.message
    assert.deepEqual(later?.type === 'hello' && [later.groups, later.status], [['first', 'g'], 2])
    assert.deepEqual(
      sent(bench.do({ type: 'leave', group: 'first' })).map(({ id, message }) => [id, message]),
      [PEER, OTHER].map((id) => [id, { type: 'leave', group: 'first', status: 3 }]),
    )
  })

  it('our status wraps at 256', () => {
    const bench = Bench.withPeer()
    const statuses: number[] = []
    for (let change = 0; change < 258; change++) {
      const [effect] = sent(bench.do({ type: change % 2 === 0 ? 'join' : 'leave', group: 'g' }))
      if (effect?.message.type === 'join' || effect?.message.type === 'leave')
        statuses.push(effect.message.status)
    }
    assert.deepEqual(statuses.slice(253), [254, 255, 0, 1, 2])
  })

  it('joining twice, or leaving what we are not in, tells nobody', () => {
    const bench = Bench.withPeer({ groups: ['g', 'g'] })
    assert.equal(bench.state.status, 1)
    assert.deepEqual(bench.do({ type: 'join', group: 'g' }), [])
    assert.deepEqual(bench.do({ type: 'leave', group: 'h' }), [])
  })

  it('SHOUT goes to the peers in the group, whether we are or not', () => {
    const bench = new Bench()
    bench.hello(PEER, { groups: ['g'] })
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    const content = [Buffer.from('x')]
    assert.deepEqual(
      sent(bench.do({ type: 'shout', group: 'g', content })).map(({ id }) => id),
      [PEER],
    )
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

describe('what is not for us', () => {
  it("our own beacon's echo is nothing", () => {
    assert.deepEqual(new Bench().beacon(US, 49152, '10.0.0.1'), [])
  })

  it('our own port-0 beacon, forged, is nothing', () => {
    assert.deepEqual(new Bench().beacon(US, 0), [])
  })

  it('a message under our own identity is dropped', () => {
    assert.deepEqual(drops(new Bench().hello(US)), ['own-identity'])
    assert.deepEqual(drops(new Bench().whisper(2, 'x', US)), ['own-identity'])
  })

  it('a beacon of another node at our own endpoint is dropped', () => {
    assert.deepEqual(drops(new Bench().beacon(PEER, 49152, '10.0.0.1')), ['own-endpoint'])
  })

  it('a beacon from off the network is dropped, port 0 as well, and is no sign of life', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(drops(bench.beacon(OTHER, 80, '192.0.2.1')), ['beacon-off-network'])
    assert.deepEqual(drops(bench.beacon(PEER, 0, '192.0.2.1')), ['beacon-off-network'])
    bench.now += 2900
    bench.beacon(PEER, 50000, '192.0.2.1')
    assert.deepEqual(
      types(bench.wait(1100)).filter((type) => type === 'evasive'),
      ['evasive'],
    )
  })
})

describe('the limit of peers', () => {
  it('holds for beacons and HELLOs, and for those that are only greeted', () => {
    const bench = new Bench({ maxPeers: 1 })
    bench.beacon(OTHER, 1, '10.0.0.3')
    assert.deepEqual(drops(bench.beacon()), ['peer-limit'])
    assert.deepEqual(drops(bench.hello()), ['peer-limit'])
    assert.equal(bench.state.peers.size, 1)
    bench.beacon(OTHER, 0, '10.0.0.3')
    assert.deepEqual(types(bench.beacon()), ['open', 'send hello'])
  })

  it('does not shut out a peer that is in', () => {
    const bench = Bench.withPeer({ maxPeers: 1 })
    assert.deepEqual(drops([...bench.beacon(), ...bench.hello()]), [])
  })
})

describe('another node at the endpoint of a peer', () => {
  it('by beacon: the old one is gone', () => {
    const bench = Bench.withPeer()
    const effects = bench.beacon(OTHER)
    assert.deepEqual(types(effects), ['exit', 'close', 'open', 'send hello'])
    assert.deepEqual([find(effects, 'exit').peer.id, find(effects, 'exit').reason], [PEER, 'replaced'])
  })

  it('by HELLO, and by a HELLO that moves there', () => {
    assert.deepEqual(types(Bench.withPeer().hello(OTHER)), ['exit', 'close', 'open', 'send hello', 'enter'])
    const bench = Bench.withPeer()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    const effects = bench.hello(OTHER)
    assert.deepEqual(types(effects), ['exit', 'exit', 'close', 'open', 'send hello', 'enter'])
  })
})

describe('silence', () => {
  const eventsOf = (effects: ReturnType<Bench['wait']>) =>
    effects.filter(({ type }) => ['evasive', 'exit'].includes(type))

  it("with Go's times: evasive and pinged after 3 s, pinged each second, gone after 5 s", () => {
    const bench = Bench.withPeer()
    bench.wait(0)
    assert.deepEqual(sent(bench.wait(2999)), [])
    assert.deepEqual(
      types(bench.wait(1)).filter((type) => type !== 'beacon'),
      ['evasive', 'send ping'],
    )
    assert.deepEqual(
      types(bench.wait(1000)).filter((type) => type !== 'beacon'),
      ['send ping'],
    )
    const effects = bench.wait(1000).filter(({ type }) => type !== 'beacon')
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'expired')
  })

  it('ends with a beacon, or any message in its turn, PING-OK above all', () => {
    for (const life of [(b: Bench) => b.beacon(), (b: Bench) => b.message({ type: 'ping-ok' }, 2)]) {
      const bench = Bench.withPeer()
      bench.wait(4500)
      life(bench)
      assert.deepEqual(eventsOf(bench.wait(2500)), [])
      assert.deepEqual(types(eventsOf(bench.wait(1000))), ['evasive'])
    }
  })

  it('a peer without beacons that answers each PING stays', () => {
    const bench = Bench.withPeer()
    let sequence = 2
    for (let second = 0; second < 60; second++) {
      const effects = bench.wait(1000)
      assert.ok(!effects.some(({ type }) => type === 'exit'))
      for (const { message } of sent(effects)) {
        if (message.type === 'ping') bench.message({ type: 'ping-ok' }, sequence++)
      }
    }
    assert.ok(sequence > 10)
  })

  it('PING is answered by PING-OK', () => {
    assert.deepEqual(numbered(Bench.withPeer().message({ type: 'ping' }, 2)), [['ping-ok', 2]])
  })

  it('of a node that was only greeted ends quietly', () => {
    const bench = new Bench()
    bench.beacon()
    assert.deepEqual(
      types(bench.wait(6000)).filter((type) => type !== 'beacon'),
      ['close'],
    )
    assert.equal(bench.state.peers.size, 0)
  })

  it('is noticed in time however short the times are', () => {
    const bench = Bench.withPeer({ evasive: 60, expired: 100 })
    assert.deepEqual(types(eventsOf(bench.wait(85))), ['evasive'])
    assert.deepEqual(types(eventsOf(bench.wait(40))), ['exit'])
  })
})

describe('our own troubles', () => {
  it('a lost mailbox: its numbers are gone, so the peer is, until its next beacon', () => {
    const bench = Bench.withPeer()
    const effects = bench.do({ type: 'lost', id: PEER })
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'broken')
    assert.deepEqual(numbered(bench.beacon()), [['hello', 1]])
    assert.deepEqual(bench.do({ type: 'lost', id: OTHER }), [])
  })

  it('an address of our own that moved: every peer gets a fresh mailbox and the new endpoint, and keeps its place', () => {
    const bench = Bench.withPeer()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    const effects = bench.do({ type: 'moved', endpoint: 'tcp://10.0.0.77:7' })
    assert.deepEqual(types(effects), ['open', 'send hello', 'open', 'send hello'])
    for (const { message } of sent(effects)) {
      assert.equal(message.type === 'hello' && message.endpoint, 'tcp://10.0.0.77:7')
    }
    assert.deepEqual(numbered(bench.hello()), [['ping', 2]], 'an answer to that needs no answer')
  })

  it('a whisper to a peer that is gone, or not yet there, is not sent', () => {
    const bench = new Bench()
    const whisper = { type: 'whisper', to: PEER, content: [] } as const
    assert.deepEqual(bench.do(whisper), [])
    bench.beacon()
    assert.deepEqual(bench.do(whisper), [])
    bench.hello()
    bench.whisper(9)
    assert.deepEqual(bench.do(whisper), [])
  })

  it('stop: what is queued leaves, then the world is told', () => {
    const bench = Bench.withPeer()
    bench.beacon(OTHER, 1, '10.0.0.3')
    assert.deepEqual(stop(bench.state), [
      { type: 'close', id: PEER, flush: true },
      { type: 'close', id: OTHER, flush: true },
      { type: 'beacon', port: 'leaving' },
    ])
  })
})

/** How gyre takes HELLO: one from a peer that is ready is answered by a HELLO of its own, others make the peer ready. */
class GyreModel {
  #ready: boolean

  constructor(ready: boolean) {
    this.#ready = ready
  }

  /** How many HELLOs it sends for a message. */
  receive(type: string): number {
    if (type === 'hello' && this.#ready) return 1
    if (type === 'hello') this.#ready = true
    return 0
  }
}
