import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bench, drops, find, OTHER, PEER, sent, types, US } from '../support/machine.js'

// The hazards of the wire, by their names: what kills or loses a real peer, or us.

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
    bench.wait(2900)
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
