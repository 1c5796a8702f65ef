import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Effect } from '#src/machine/types.js'
import { Bench, types } from '../support/machine.js'

const NEWCOMER = '55'.repeat(16)
const LAST = 'F'.repeat(32)

const idOf = (at: number) => at.toString(16).toUpperCase().padStart(32, '0')
const beacon = (bench: Bench) => bench.beacon(NEWCOMER, 40_000)
const greeted = (effects: readonly Effect[]) => types(effects).includes('send hello')

/** As many peers are present whose beacons come in. Their ids begin at 1. */
function among(peers: number, id: string): Bench {
  const bench = new Bench({ id })
  for (let at = 1; at <= peers; at++) {
    bench.beacon(idOf(at), 50_000 + at)
    bench.hello(idOf(at), { endpoint: `tcp://10.0.0.2:${50_000 + at}` })
  }
  bench.wait(0)
  // The next one's turn may have been awaited.
  bench.wait(100)
  bench.state.nextBeaconAt = Number.POSITIVE_INFINITY
  return bench
}

describe('a newcomer that beacons', () => {
  it('is greeted at once by a node that is alone, or whose id is the lowest', () => {
    assert.ok(greeted(beacon(new Bench({ id: LAST }))))
    assert.ok(greeted(beacon(among(4, idOf(0)))))
  })

  it('is greeted by one node after the other, 10 ms apart, in the order of their ids', () => {
    const bench = among(4, LAST)
    assert.deepEqual(beacon(bench), [])
    assert.ok(!greeted(bench.wait(39)))
    assert.deepEqual(types(bench.wait(1)), ['open', 'send hello'])
    assert.equal(bench.state.newcomers.size, 0)
  })

  it('waits for a tenth of a second at most, however many there are', () => {
    const bench = among(50, LAST)
    assert.deepEqual(beacon(bench), [])
    assert.ok(!greeted(bench.wait(95)))
    assert.ok(greeted(bench.wait(5)))
  })

  it('and greets us before it is our turn is greeted at once, and once', () => {
    const bench = among(4, LAST)
    beacon(bench)
    const effects = bench.hello(NEWCOMER, { endpoint: 'tcp://10.0.0.2:40000' })
    assert.deepEqual(types(effects), ['open', 'send hello', 'enter'])
    assert.deepEqual(bench.wait(100), [])
    assert.equal(bench.state.peers.get(NEWCOMER)?.isHeard, true)
  })

  it('again before it is our turn is greeted once', () => {
    const bench = among(4, LAST)
    for (let at = 0; at < 3; at++) beacon(bench)
    assert.deepEqual(types(bench.wait(100)), ['open', 'send hello'])
  })

  it('and stops before it is our turn is not greeted', () => {
    const bench = among(4, LAST)
    beacon(bench)
    bench.beacon(NEWCOMER, 0)
    assert.deepEqual(bench.wait(100), [])
  })

  it('waits for nobody whose beacons do not come in: that one does not hear it either', () => {
    const bench = among(4, LAST)
    for (const peer of bench.state.peers.values()) peer.isHeard = false
    assert.ok(greeted(beacon(bench)))
  })

  it('is greeted at once while a flood of others waits', () => {
    const bench = among(4, LAST)
    for (let at = 0; at < 300; at++) bench.beacon(idOf(1000 + at), 1 + at, `10.0.0.${3 + (at % 200)}`)
    assert.equal(bench.state.newcomers.size, 256)
    assert.ok(greeted(beacon(bench)))
  })
})
