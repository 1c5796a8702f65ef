import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reachOf } from '#src/machine/reach.js'
import type { Effect } from '#src/machine/types.js'
import { marked } from '#src/wire/identity.js'
import { Bench, PEER, PEER_ENDPOINT } from '../support/machine.js'

/** It beacons every second, as long as that. Gives what is told of it. */
function beacons(bench: Bench, seconds: number): Effect[] {
  const effects: Effect[] = []
  for (let second = 0; second < seconds; second++) effects.push(...bench.beacon(), ...bench.wait(1000))
  return effects.filter(({ type }) => type === 'trouble')
}

function reach(bench: Bench): { reach: string; since: number } | undefined {
  const peer = bench.state.peers.get(PEER)
  return peer && { reach: reachOf(peer), since: peer.since }
}

describe('a node that beacons', () => {
  it('and can not be connected to is told of once, after 3 s', () => {
    const bench = Bench.disconnected()
    const start = bench.now
    assert.deepEqual(beacons(bench, 2), [])
    assert.deepEqual(reach(bench), { reach: 'connecting', since: start })
    assert.deepEqual(beacons(bench, 60), [
      { type: 'trouble', trouble: 'unreachable', id: PEER, endpoint: PEER_ENDPOINT },
    ])
    assert.deepEqual(reach(bench), { reach: 'unreachable', since: start + 3000 })
  })

  it('and can be connected to later is met then', () => {
    const bench = Bench.disconnected()
    beacons(bench, 10)
    bench.hello()
    assert.equal(reach(bench)?.reach, 'unreachable')
    bench.do({ type: 'connected', id: PEER })
    assert.deepEqual(reach(bench), { reach: 'connected', since: bench.now })
  })

  it('and does not greet us, though we are connected, is told of once, after 10 s and a second HELLO', () => {
    const bench = new Bench()
    assert.deepEqual(beacons(bench, 9), [])
    const told = beacons(bench, 60)
    assert.deepEqual(told, [{ type: 'trouble', trouble: 'unanswered', id: PEER, endpoint: PEER_ENDPOINT }])
    assert.equal(reach(bench)?.reach, 'unanswered')
    bench.hello()
    assert.equal(reach(bench)?.reach, 'connected')
  })

  it('and does not greet us is given no new connection while what has come is not read', () => {
    const bench = new Bench()
    bench.reads = false
    const opened = () => {
      const effects = Array.from({ length: 30 }, () => [...bench.beacon(), ...bench.wait(1000)]).flat()
      return effects.filter(({ type }) => ['open', 'send', 'trouble'].includes(type)).map(({ type }) => type)
    }
    assert.deepEqual(opened(), ['open', 'send'])
    bench.reads = true
    bench.do({ type: 'read', at: bench.now })
    assert.ok(opened().includes('open'))
    assert.equal(reach(bench)?.reach, 'unanswered')
  })

  it('and does not greet us is given more time where handshakes take long', () => {
    const id = marked(PEER)
    const times = [1000, 10_000].map((handshakeMs) => {
      const bench = new Bench()
      bench.beacon(id)
      bench.state.handshakeMs = handshakeMs
      const start = bench.now
      while (
        !bench
          .beacon(id)
          .concat(bench.wait(1000))
          .some(({ type }) => type === 'open')
      );
      return bench.now - start
    })
    assert.deepEqual(times, [10_000, 40_000])
  })

  it('and is met is no trouble, nor when it restarts', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(beacons(bench, 30), [])
    bench.hello()
    assert.deepEqual(beacons(bench, 30), [])
  })

  it('and whose connection broke is told of anew', () => {
    const bench = Bench.withPeer()
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    assert.deepEqual(reach(bench), { reach: 'connecting', since: bench.now })
    assert.equal(beacons(bench, 10).length, 1)
  })

  it('and does not let us in is refused, whatever else fails', () => {
    const bench = Bench.disconnected()
    bench.beacon()
    bench.do({ type: 'denied', id: PEER })
    assert.deepEqual(beacons(bench, 30), [])
    assert.equal(reach(bench)?.reach, 'refused')
  })
})

describe('a node that is silent', () => {
  it('is no trouble: it may be gone', () => {
    const bench = Bench.disconnected()
    bench.beacon()
    assert.ok(!bench.wait(4900).some(({ type }) => type === 'trouble'))
  })

  it('since its connection broke is none either, for a beacon that was under way', () => {
    const bench = Bench.withPeer()
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    bench.now += 5
    bench.beacon()
    assert.ok(!bench.wait(4900).some(({ type }) => type === 'trouble'))
  })

  it('as our own process stood still is none', () => {
    const bench = Bench.disconnected()
    bench.beacon()
    bench.wait(0)
    bench.now += 60_000
    bench.do({ type: 'tick' })
    bench.beacon()
    assert.ok(!bench.wait(2000).some(({ type }) => type === 'trouble'))
  })
})
