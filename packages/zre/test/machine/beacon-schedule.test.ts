import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextBeaconIn, phaseOf, settledInterval } from '#src/machine/beacon-schedule.js'
import type { Effect } from '#src/machine/types.js'
import { Bench, OTHER, PEER } from '../support/machine.js'

const NEW = { interval: 1000, sent: 10, isNew: true, peers: 0, isMissing: false, phase: 0.5 }

describe('the next beacon', () => {
  it('of a newcomer follows after 50, 100 and 200 ms, then after the interval', () => {
    const intervals = [1, 2, 3, 4, 5].map((sent) => nextBeaconIn({ ...NEW, sent }))
    assert.deepEqual(intervals, [50, 100, 200, 1000, 1000])
  })

  it('of a newcomer that many know is less urgent: all together send a hundred in an interval', () => {
    assert.equal(nextBeaconIn({ ...NEW, sent: 1, peers: 20 }), 200)
    assert.equal(nextBeaconIn({ ...NEW, peers: 50 }), 1000)
    assert.equal(nextBeaconIn({ ...NEW, peers: 300 }), 3000)
  })

  it('of a node that is settled follows after 5 intervals, with more than 12 peers after 0.4 for each, and 30 at most', () => {
    const settled = { ...NEW, isNew: false }
    assert.equal(nextBeaconIn({ ...settled, peers: 1 }), 5000)
    assert.equal(nextBeaconIn({ ...settled, peers: 12 }), 5000)
    assert.equal(nextBeaconIn({ ...settled, peers: 50 }), 20_000)
    assert.equal(nextBeaconIn({ ...settled, peers: 10_000 }), 30_000)
    assert.equal(settledInterval(100, 50), 2000)
  })

  it('of a node that misses others comes sooner: a network that was split is whole again when both parts are heard', () => {
    const settled = { ...NEW, isNew: false, isMissing: true }
    assert.equal(nextBeaconIn({ ...settled, peers: 50 }), 5000)
    assert.equal(nextBeaconIn({ ...settled, peers: 200 }), 20_000)
  })

  it('of a node that is alone keeps coming at the full rate', () => {
    assert.equal(nextBeaconIn({ ...NEW, isNew: false }), 1000)
  })

  it('comes at other times for nodes that settle together', () => {
    const settled = { ...NEW, isNew: false, peers: 10 }
    assert.equal(nextBeaconIn({ ...settled, phase: 0 }), 4500)
    assert.equal(nextBeaconIn({ ...settled, phase: 1 }), 5500)
    assert.equal(phaseOf('00'.repeat(16)), 0)
    assert.ok(phaseOf('FF'.repeat(16)) > 0.99)
  })
})

describe('a node', () => {
  const beacons = (effects: readonly Effect[]) => effects.filter(({ type }) => type === 'beacon').length

  it('beacons rarely once it is settled', () => {
    const bench = Bench.withPeer()
    assert.equal(beacons(bench.wait(0)), 1)
    assert.equal(beacons(bench.wait(10_000)), 12)
    bench.beacon()
    const settled = beacons(bench.wait(30_000))
    assert.ok(settled >= 5 && settled <= 7, `${settled}`)
  })

  it('beacons at once, and again as a newcomer does, when it moves, comes back, or stood still', () => {
    for (const begin of [
      (bench: Bench) => bench.do({ type: 'moved', endpoint: 'tcp://10.0.0.77:7' }),
      (bench: Bench) => bench.do({ type: 'returned' }),
      (bench: Bench) => {
        bench.now += 6000
        return bench.do({ type: 'tick' })
      },
    ]) {
      const bench = Bench.withPeer()
      bench.wait(30_000)
      bench.beacon()
      const told = [...begin(bench), ...bench.wait(4000)]
      assert.ok(beacons(told) >= 4, `${beacons(told)}`)
    }
  })

  it('beacons more often for a while when it hears one that it does not meet, and no longer', () => {
    const bench = Bench.withPeer()
    bench.wait(30_000)
    bench.plugs = false
    let heard = 0
    for (let second = 0; second < 5; second++) {
      bench.beacon()
      bench.beacon(OTHER, 1, '10.0.0.3')
      heard += beacons(bench.wait(1000))
    }
    assert.ok(heard >= 3, `${heard}`)
    for (let second = 0; second < 30; second++) {
      bench.beacon()
      bench.beacon(OTHER, 1, '10.0.0.3')
      bench.wait(1000)
    }
    assert.ok(beacons(bench.wait(10_000)) <= 3)
  })

  it('misses one that has vanished, or can not be reached, for two minutes, and not one that said that it leaves', () => {
    const bench = Bench.withPeer()
    bench.wait(30_000)
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    assert.equal(bench.state.missingUntil, bench.now + 120_000)
    const left = Bench.withPeer()
    left.beacon(PEER, 0)
    left.do({ type: 'disconnected', id: PEER })
    left.wait(10_000)
    assert.ok(left.state.missingUntil < left.now)
    const refused = Bench.disconnected()
    refused.wait(30_000)
    for (let second = 0; second < 20; second++) {
      refused.beacon()
      refused.wait(1000)
    }
    assert.ok(refused.state.missingUntil > refused.now)
  })

  it('that misses another beacons soon, at another time than the rest, though it had just begun to wait for long', () => {
    const bench = Bench.withPeer({ id: `${'00'.repeat(14)}8000` })
    for (let host = 3; host < 53; host++) {
      const id = `${'AA'.repeat(15)}${host.toString(16).padStart(2, '0').toUpperCase()}`
      bench.hello(id, { endpoint: `tcp://10.0.0.${host}:3` })
    }
    bench.wait(30_000)
    while (beacons(bench.wait(10)) === 0);
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    assert.equal(beacons(bench.wait(2400)), 0)
    assert.equal(beacons(bench.wait(200)), 1)
    assert.equal(beacons(bench.wait(5500)), 1)
  })

  it('does not beacon more often for a peer that has died', () => {
    const bench = Bench.withPeer()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    bench.wait(20_000)
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    assert.ok(beacons(bench.wait(4000)) <= 1)
  })
})
