import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_BY_HELLO, MAX_PER_ADDRESS, MAX_TOTAL, MIN_PER_ADDRESS } from '#src/machine/connect-limit.js'
import { Bench, drops, find, OTHER, PEER, PEER_ENDPOINT, sent, types, US } from '../support/machine.js'

/** A peer that is present, with a mailbox that has shaken hands. */
function connected(): Bench {
  const bench = Bench.withPeer()
  bench.do({ type: 'connected', id: PEER })
  return bench
}

/** The id of a node that was made up. */
const invented = (number: number) => (number + 2).toString(16).toUpperCase().padStart(32, '0')

// The hazards of the wire, by their names: what kills or loses a real peer, or us.

describe('port 0', () => {
  it('in a beacon means that the peer leaves: its connection breaks', () => {
    const bench = connected()
    assert.deepEqual(types(bench.beacon(PEER, 0)), ['send ping'])
    const effects = bench.do({ type: 'disconnected', id: PEER })
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'stopped')
    assert.equal(find(effects, 'close').flush, false)
    assert.deepEqual(types(bench.whisper(2)), ['drop'])
    assert.equal(bench.state.nextCheckAt < Number.POSITIVE_INFINITY, true)
    bench.wait(300)
    assert.equal(bench.state.nextCheckAt, Number.POSITIVE_INFINITY)
  })

  it('in a beacon of a peer that was only greeted is no exit', () => {
    const bench = new Bench()
    bench.beacon()
    assert.deepEqual(types(bench.beacon(PEER, 0)), [])
    assert.deepEqual(types(bench.do({ type: 'disconnected', id: PEER })), ['close'])
  })

  it('in a forged beacon takes no peer away that answers, and is counted', () => {
    const bench = connected()
    bench.beacon(PEER, 0)
    bench.message({ type: 'ping-ok' }, 2)
    const effects = bench.wait(1000)
    assert.deepEqual(drops(effects), ['forged-stop'])
    assert.ok(!types(effects).includes('exit'))
    assert.equal(bench.state.nextCheckAt, Number.POSITIVE_INFINITY)
    assert.deepEqual(types(bench.whisper(3)), ['whisper'])
  })

  it('in many forged beacons has it pinged once in a while', () => {
    const bench = connected()
    const pings = []
    for (let count = 0, sequence = 2; count < 1000; count++) {
      const effects = [...bench.beacon(PEER, 0), ...bench.wait(1)]
      for (const _ping of sent(effects)) bench.message({ type: 'ping-ok' }, sequence++)
      pings.push(...sent(effects))
    }
    assert.ok(pings.length <= 3, `${pings.length} PINGs in a second`)
    assert.equal(bench.state.peers.get(PEER)?.view?.id, PEER)
  })

  it('and a connection that lives, but no answer: it is gone after two seconds', () => {
    const bench = connected()
    bench.beacon(PEER, 0)
    bench.whisper(2)
    assert.ok(!types(bench.wait(1900)).includes('exit'))
    const effects = bench.wait(200)
    assert.equal(find(effects, 'exit').reason, 'stopped')
  })

  it('and our own stall: what has come in meanwhile is read before the peer is given up', () => {
    const bench = connected()
    bench.beacon(PEER, 0)
    bench.now += 60_000
    assert.ok(!types(bench.do({ type: 'tick' })).includes('exit'))
    bench.message({ type: 'ping-ok' }, 2)
    assert.ok(!types(bench.wait(2000)).includes('exit'))
  })

  it('in a beacon of a peer that greets us anew: it is there', () => {
    const bench = connected()
    bench.beacon(PEER, 0)
    bench.hello()
    assert.ok(!types(bench.wait(2500)).includes('exit'))
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
    bench.wait(35_900)
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
    bench.do({ type: 'disconnected', id: OTHER })
    assert.deepEqual(types(bench.beacon()), ['open', 'send hello'])
  })

  it('does not shut out a peer that is in', () => {
    const bench = Bench.withPeer({ maxPeers: 1 })
    assert.deepEqual(drops([...bench.beacon(), ...bench.hello()]), [])
  })
})

describe('beacons from elsewhere than our mailbox is connected to', () => {
  it('do not keep a peer that answers no PING: it is greeted there', () => {
    const bench = Bench.withPeer()
    const effects = []
    for (let second = 0; second < 61; second++) {
      effects.push(...bench.beacon(PEER, 50001, '10.0.0.3'), ...bench.wait(1000))
    }
    assert.deepEqual(
      types(effects).filter((type) => type !== 'beacon' && type !== 'send ping'),
      ['evasive', 'exit', 'close', 'open', 'send hello'],
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

describe('a flood of beacons of nodes that are not there', () => {
  /** From one address: how many were greeted. */
  function flood(bench: Bench, count: number, address: string, first = 0): number {
    for (let number = first; number < first + count; number++) {
      bench.beacon(invented(number), 1024 + (number % 60_000), address)
    }
    return [...bench.state.peers.values()].filter(({ endpoint }) => endpoint.includes(address)).length
  }

  it('opens so many connections to an address, and no more', () => {
    const bench = new Bench()
    assert.equal(flood(bench, MAX_PER_ADDRESS - 1, '10.0.0.9'), MAX_PER_ADDRESS - 1)
    assert.deepEqual(drops(bench.beacon(OTHER, 1, '10.0.0.9')), [], 'at the limit')
    assert.deepEqual(drops(bench.beacon(PEER, 2, '10.0.0.9')), ['greeting-limit'], 'above it')
    assert.deepEqual(drops(bench.beacon()), [], 'elsewhere')
  })

  it('from many addresses opens so many in all', () => {
    const bench = new Bench()
    for (let host = 2; host < 10; host++) flood(bench, 200, `10.0.0.${host}`, host * 1000)
    assert.equal(bench.state.peers.size, MAX_TOTAL)
  })

  it('keeps no node out that says HELLO: it has heard our beacon', () => {
    const bench = new Bench()
    flood(bench, 1000, '10.0.0.2')
    assert.deepEqual(types(bench.hello()), ['open', 'send hello', 'enter'])
  })

  it('does not count those that were met: a thousand nodes may share an address', () => {
    const bench = new Bench()
    for (let number = 0; number < 1000; number++) {
      const endpoint = `tcp://10.0.0.2:${2000 + number}`
      assert.deepEqual(drops(bench.beacon(invented(number), 2000 + number)), [])
      bench.hello(invented(number), { endpoint })
      bench.do({ type: 'connected', id: invented(number) })
    }
    assert.equal(bench.state.peers.size, 1000)
  })

  it('goes on, and fewer are opened at a time; when it ends, that is forgiven', () => {
    const bench = Bench.disconnected()
    for (let second = 0, number = 0; second < 60; second++, number += 500) {
      flood(bench, 500, '10.0.0.9', number)
      bench.wait(1000)
    }
    assert.ok(bench.state.peers.size <= MIN_PER_ADDRESS, `${bench.state.peers.size} at a time`)
    bench.wait(120_000)
    assert.equal(bench.state.peers.size, 0)
    assert.equal(bench.state.failures.size, 0)
    assert.equal(flood(bench, 1000, '10.0.0.9', 100_000), MAX_PER_ADDRESS)
  })

  it('in the same names goes on, and most are given up', () => {
    const bench = Bench.disconnected()
    for (let second = 0; second < 60; second++) {
      flood(bench, 500, '10.0.0.9')
      bench.wait(1000)
    }
    assert.ok(bench.state.peers.size <= MIN_PER_ADDRESS, `${bench.state.peers.size} at a time`)
  })

  it('of HELLOs opens so many connections to the address that they name', () => {
    const bench = Bench.disconnected()
    for (let number = 0; number < 1000; number++) {
      bench.hello(invented(number), { endpoint: `tcp://10.0.0.9:${2000 + number}` })
    }
    assert.equal(bench.state.peers.size, MAX_BY_HELLO)
    assert.deepEqual(drops(bench.hello(PEER, { endpoint: 'tcp://10.0.0.9:1' })), ['greeting-limit'])
    assert.deepEqual(drops(bench.hello()), [])
  })
})

describe('one who claims the endpoint of a living peer', () => {
  const claims = {
    beacon: (bench: Bench) => bench.beacon(OTHER),
    HELLO: (bench: Bench) => bench.hello(OTHER),
  }

  for (const [name, claim] of Object.entries(claims)) {
    it(`by ${name} is not let in as long as that one answers`, () => {
      const bench = connected()
      const effects = claim(bench)
      assert.deepEqual(drops(effects), ['endpoint-taken'])
      assert.deepEqual(types(effects), ['drop', 'send ping'])
      bench.message({ type: 'ping-ok' }, 2)
      assert.ok(!types(bench.wait(3000)).includes('exit'))
      assert.equal(bench.state.peers.size, 1)
    })

    it(`by ${name} is let in when the peer does not answer: it has taken its place`, () => {
      const bench = connected()
      claim(bench)
      const exit = find(bench.wait(2500), 'exit')
      assert.deepEqual([exit.peer.id, exit.reason], [PEER, 'replaced'])
      assert.ok(types(claim(bench)).includes('open'))
    })
  }
})

describe('a HELLO under the name of a living peer', () => {
  it('that names another endpoint is answered where it was, until our connection to there breaks', () => {
    const bench = connected()
    const effects = bench.hello(PEER, { endpoint: 'tcp://10.0.0.7:1' })
    assert.deepEqual(types(effects), ['exit', 'drop', 'send hello', 'enter'])
    assert.deepEqual(drops(effects), ['endpoint-change'])
    assert.equal(find(effects, 'enter').peer.endpoint, PEER_ENDPOINT)
    const broken = bench.do({ type: 'disconnected', id: PEER })
    assert.equal(find(broken, 'open').endpoint, 'tcp://10.0.0.7:1')
  })

  it('that names another endpoint counts no more when it says HELLO from where it was', () => {
    const bench = connected()
    bench.hello(PEER, { endpoint: 'tcp://10.0.0.7:1' })
    assert.deepEqual(drops(bench.hello()), [])
    assert.equal(find(bench.do({ type: 'disconnected', id: PEER }), 'open').endpoint, PEER_ENDPOINT)
  })

  it('that names the endpoint of a third one is not followed there when our connection breaks', () => {
    const bench = connected()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    bench.do({ type: 'connected', id: OTHER })
    bench.hello(PEER, { endpoint: 'tcp://10.0.0.3:3' })
    assert.equal(find(bench.do({ type: 'disconnected', id: PEER }), 'open').endpoint, PEER_ENDPOINT)
  })

  it('that names another endpoint is not followed there if another has been seen there since', () => {
    const bench = connected()
    bench.hello(PEER, { endpoint: 'tcp://10.0.0.3:3' })
    bench.beacon(OTHER, 3, '10.0.0.3')
    assert.equal(find(bench.do({ type: 'disconnected', id: PEER }), 'open').endpoint, PEER_ENDPOINT)
    assert.equal(bench.state.peers.size, 2)
  })

  it('that names another endpoint, where there is no connection, has us look there', () => {
    const bench = Bench.disconnected()
    bench.hello()
    assert.deepEqual(types(bench.hello(PEER, { endpoint: 'tcp://10.0.0.7:1' })), ['check'])
  })

  it('or a beacon, once its connection is lost, moves us once a second at most', () => {
    const bench = Bench.withPeer()
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    const elsewhere = (port: number) => bench.beacon(PEER, port, '10.0.0.7')
    assert.ok(types(elsewhere(1)).includes('open'))
    const second = elsewhere(2)
    assert.deepEqual(drops(second), ['endpoint-change'])
    assert.ok(!types(second).includes('open'))
    bench.wait(1000)
    assert.ok(types(elsewhere(3)).includes('open'))
  })

  it("that names a third one's endpoint does not take it away", () => {
    const bench = connected()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    bench.do({ type: 'connected', id: OTHER })
    assert.deepEqual(drops(bench.hello(OTHER)), ['endpoint-change'])
    assert.equal(bench.state.peers.size, 2)
  })
})
