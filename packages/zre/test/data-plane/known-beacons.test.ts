import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { KnownBeacons } from '#src/data-plane/known-beacons.js'
import type { PeerState } from '#src/machine/peer.js'
import { encodeBeacon } from '#src/wire/beacon.js'
import { Bench, OTHER, PEER } from '../support/machine.js'

const ADDRESS = '10.0.0.2'

describe('a beacon of a known peer', () => {
  let bench: Bench
  let decided: number
  let beacons: KnownBeacons
  const peer = () => bench.state.peers.get(PEER) as PeerState
  const bytes = encodeBeacon({ id: PEER, port: 50000 })
  const receive = (beacon: Buffer, address = ADDRESS) => {
    bench.now++
    beacons.receive(beacon, address)
  }

  beforeEach(() => {
    bench = Bench.withPeer()
    decided = 0
    const onBeacon = (beacon: Buffer, address: string) => {
      decided++
      if (beacon.length !== 22) return
      const id = beacon.toString('hex', 4, 20).toUpperCase()
      bench.do({ type: 'beacon', id, port: beacon.readUInt16BE(20), address })
    }
    beacons = new KnownBeacons({
      policy: { onBeacon },
      maxPeers: 4,
      peers: () => bench.state.peers,
      now: () => bench.now,
    })
  })

  it('is decided about once, and touches the peer each time', () => {
    for (let times = 1; times <= 5; times++) {
      bench.now += 1000
      receive(Buffer.from(bytes))
      assert.equal(peer().heardAt, bench.now)
    }
    assert.equal(decided, 1)
  })

  it('that says something else, or comes from elsewhere, is decided about', () => {
    receive(bytes)
    receive(encodeBeacon({ id: PEER, port: 50001 }))
    receive(bytes, '10.0.0.9')
    receive(bytes.subarray(0, 19))
    assert.equal(decided, 4)
    receive(bytes)
    assert.equal(decided, 4)
  })

  it('that is not where the peer is is decided about each time', () => {
    for (let times = 0; times < 3; times++) receive(encodeBeacon({ id: PEER, port: 50001 }))
    assert.equal(decided, 3)
  })

  it('that says that it stops is decided about each time', () => {
    for (let times = 0; times < 3; times++) receive(encodeBeacon({ id: PEER, port: 0 }))
    assert.equal(decided, 3)
  })

  it('is decided about when the peer is not present any more, or has moved', () => {
    receive(bytes)
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    receive(bytes)
    receive(bytes)
    assert.equal(decided, 3)
  })

  it('of a node that is not met is decided about each time', () => {
    bench.plugs = false
    for (let times = 0; times < 3; times++) receive(encodeBeacon({ id: OTHER, port: 1 }), '10.0.0.3')
    assert.equal(decided, 3)
  })

  it('is kept apart from the buffer that it came in', () => {
    const copy = Buffer.from(bytes)
    receive(copy)
    copy.fill(0)
    bench.now += 1000
    receive(bytes)
    assert.equal(decided, 1)
    assert.equal(peer().heardAt, bench.now)
  })
})
