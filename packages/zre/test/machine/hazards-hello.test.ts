import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { marked } from '#src/wire/identity.js'
import { Bench, drops, find, numbered, OTHER, PEER, PEER_ENDPOINT, sent, types } from '../support/machine.js'

// The hazards of the wire, by their names: what kills or loses a real peer, or us.

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
    assert.deepEqual(
      { ...peer },
      {
        id: PEER,
        name: 'bob',
        endpoint: PEER_ENDPOINT,
        announced: PEER_ENDPOINT,
        address: '10.0.0.2',
        verified: false,
        connections: 'both',
        headers: new Map([['k', 'v']]),
        groups: new Set(['a', 'b']),
      },
    )
  })

  it('HELLO from a node not heard of before is answered at the endpoint that it names', () => {
    const effects = new Bench().hello(PEER, { endpoint: 'tcp://10.0.0.9:1234' })
    assert.deepEqual(types(effects), ['open', 'send hello', 'enter'])
    assert.equal(find(effects, 'open').endpoint, 'tcp://10.0.0.9:1234')
    assert.equal(find(effects, 'enter').peer.address, '10.0.0.9')
  })

  it("a beacon's source counts before the endpoint in HELLO, as at gyre", () => {
    const bench = Bench.disconnected()
    bench.beacon(PEER, 50000, '10.0.0.2')
    const effects = bench.hello(PEER, { endpoint: 'tcp://10.0.0.9:1234' })
    assert.deepEqual(types(effects), ['check'], 'as long as there may be a connection to there')
    const { peer } = find(bench.do({ type: 'connected', id: PEER }), 'enter')
    assert.equal(peer.endpoint, PEER_ENDPOINT)
  })

  it('HELLO of a peer that beacons is good whatever endpoint it names', () => {
    const bench = new Bench()
    bench.beacon()
    assert.deepEqual(types(bench.hello(PEER, { endpoint: 'tcp://nonsense' })), ['enter'])
  })

  it('a busy peer of this library that answers two HELLOs late is not answered itself: that would have no end', () => {
    const late = (id: string) => {
      const bench = new Bench()
      bench.beacon(id)
      const again = Array.from({ length: 11 }, () => [...bench.beacon(id), ...bench.wait(1000)]).flat()
      assert.deepEqual(types(again).filter((type) => type === 'send hello').length, id === PEER ? 2 : 1)
      bench.hello(id)
      bench.now += 3000
      const second = types(bench.hello(id))
      bench.now += 3000
      return [second, types(bench.hello(id))]
    }
    const answered = ['exit', 'send hello', 'enter']
    assert.deepEqual(late(marked(PEER)), [['exit', 'send ping', 'enter'], answered])
    assert.deepEqual(late(PEER), [answered, answered])
  })

  it('a peer of this library that greets us, and again later, is answered', () => {
    const bench = new Bench()
    assert.deepEqual(types(bench.hello(marked(PEER))), ['open', 'send hello', 'enter'])
    bench.now += 3000
    assert.deepEqual(types(bench.hello(marked(PEER))), ['exit', 'send hello', 'enter'])
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

  it('from one that can not be reached where it said that it was, and is elsewhere now: a mailbox there', () => {
    const bench = Bench.disconnected()
    bench.hello()
    const endpoint = 'tcp://10.0.0.3:50000'
    assert.deepEqual(types(bench.hello(PEER, { endpoint })), ['check'])
    const effects = bench.do({ type: 'checked', id: PEER, endpoint, stands: true })
    assert.deepEqual(types(effects), ['open', 'send hello'])
    assert.equal(find(effects, 'open').endpoint, endpoint)
    const { peer } = find(bench.do({ type: 'connected', id: PEER }), 'enter')
    assert.equal(peer.endpoint, 'tcp://10.0.0.3:50000')
  })

  it('that comes back from there is an answer, and needs none', () => {
    const bench = Bench.disconnected()
    bench.hello()
    const endpoint = 'tcp://10.0.0.3:50000'
    bench.hello(PEER, { endpoint })
    bench.do({ type: 'checked', id: PEER, endpoint, stands: true })
    assert.deepEqual(bench.hello(PEER, { endpoint }), [])
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
      while (toUs > 0 && rounds < 10) {
        rounds++
        const effects = bench.hello()
        bench.now += 1
        toUs += sent(effects).reduce((sum, { message }) => sum + gyre.receive(message.type), -1)
      }
      assert.ok(rounds <= 4, `${rounds} HELLOs`)
    }
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
      types(effects).filter((type) => type !== 'beacon' && type !== 'trouble'),
      ['open', 'send hello', 'open', 'send hello'],
    )
    assert.deepEqual(numbered(effects), [
      ['hello', 1],
      ['hello', 1],
    ])
  })
})

describe('another node at the endpoint of a peer', () => {
  /** A peer that was present, whose connection broke. */
  function broken(): Bench {
    const bench = Bench.withPeer()
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    return bench
  }

  it('by beacon: the old one is gone', () => {
    const bench = broken()
    assert.deepEqual(types(bench.beacon(OTHER)), ['close', 'open', 'send hello'])
    assert.equal(bench.state.peers.has(PEER), false)
  })

  it('by HELLO, and by a HELLO that moves there', () => {
    assert.deepEqual(types(broken().hello(OTHER)), ['close', 'open', 'send hello'])
    const bench = broken()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    assert.deepEqual(types(bench.hello(OTHER)), ['check'])
    const found = bench.do({ type: 'checked', id: OTHER, endpoint: PEER_ENDPOINT, stands: true })
    assert.deepEqual(types(found), ['close', 'open', 'send hello'])
    assert.equal(bench.state.peers.has(PEER), false)
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
