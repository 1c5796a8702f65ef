import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bench, drops, find, OTHER, PEER, PEER_ENDPOINT, sent, types } from '../support/machine.js'

const ping = { type: 'ping' } as const

/** A bench whose peer was present, and whose connection broke for so long that it is forgotten. */
function forgetful(bench = Bench.withPeer()): Bench {
  bench.plugs = false
  bench.do({ type: 'disconnected', id: PEER })
  bench.wait(10_000)
  assert.equal(bench.state.peers.size, 0)
  return bench
}

describe('a peer that was lost and forgotten', () => {
  it('is greeted where it was when it speaks: it was stopped, and does not know that we have forgotten it', () => {
    const bench = forgetful()
    bench.plugs = true
    const effects = bench.whisper(7)
    assert.deepEqual(drops(effects), ['unknown-peer'])
    assert.equal(find(effects, 'open').endpoint, PEER_ENDPOINT)
    assert.deepEqual(types(effects), ['drop', 'open', 'send hello'])
    assert.equal(find(bench.hello(), 'enter').peer.id, PEER)
  })

  it('is greeted once for what it says until it is forgotten again', () => {
    const bench = forgetful()
    bench.message(ping, 7)
    assert.deepEqual(types(bench.message(ping, 8)), ['drop'])
    bench.wait(10_000)
    assert.deepEqual(types(bench.message(ping, 9)), ['drop'])
  })

  it('is not greeted when it says that it goes, nor after that', () => {
    const bench = forgetful()
    assert.deepEqual(types(bench.message({ type: 'goodbye' }, 7)), ['drop'])
    assert.deepEqual(types(bench.message(ping, 8)), ['drop'])
  })

  it('is not greeted where another is by now, nor beyond our networks', () => {
    const taken = forgetful()
    taken.plugs = true
    taken.beacon(OTHER)
    taken.hello(OTHER)
    assert.deepEqual(drops(taken.message(ping, 7)), ['unknown-peer', 'endpoint-taken'])
    let isOnNetwork = true
    const moved = forgetful(Bench.withPeer({ isOnNetwork: () => isOnNetwork }))
    isOnNetwork = false
    assert.deepEqual(types(moved.message(ping, 7)), ['drop'])
  })

  it('is not greeted under an alias, which may be another by now', () => {
    const bench = new Bench()
    bench.do({ type: 'found', id: PEER, endpoint: PEER_ENDPOINT, alias: true })
    bench.hello()
    assert.deepEqual(types(forgetful(bench).message(ping, 7)), ['drop'])
  })

  it('is remembered only if it was there, and only as many as there may be peers', () => {
    const bench = Bench.disconnected({ maxPeers: 3 })
    bench.beacon()
    bench.wait(20_000)
    assert.equal(bench.state.forgotten.size, 0)
    for (const digit of '123456') {
      const id = digit.repeat(32)
      const endpoint = `tcp://10.0.0.3:${digit}`
      bench.plugs = true
      bench.do({ type: 'found', id, endpoint })
      bench.hello(id, { endpoint })
      bench.plugs = false
      bench.do({ type: 'disconnected', id })
      bench.wait(10_000)
    }
    assert.deepEqual(
      [...bench.state.forgotten.keys()].map(([digit]) => digit),
      ['4', '5', '6'],
    )
  })
})

describe('our own standstill', () => {
  it('may have had others forget us: those that no beacon comes from are asked', () => {
    for (const [meet, asked] of [
      [(bench: Bench) => bench.beacon(), []],
      [(bench: Bench) => bench.do({ type: 'found', id: PEER, endpoint: PEER_ENDPOINT }), ['ping']],
    ] as const) {
      const bench = new Bench()
      meet(bench)
      bench.hello()
      bench.wait(1000)
      bench.now += 8000
      const effects = bench.do({ type: 'tick' })
      assert.deepEqual(
        sent(effects).map(({ message }) => message.type),
        asked,
      )
    }
  })
})
