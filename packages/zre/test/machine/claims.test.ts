import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_CLAIMS } from '#src/machine/claims.js'
import type { Effect } from '#src/machine/types.js'
import { Bench, drops, find, OTHER, PEER, PEER_ENDPOINT, types } from '../support/machine.js'

const forged = (bench: Bench, port = 9, key?: string) =>
  bench.do({ type: 'beacon', id: PEER, port, address: '10.0.0.9', key })
const honest = (bench: Bench, key?: string) =>
  bench.do({ type: 'beacon', id: PEER, port: 50_000, address: '10.0.0.2', key })

/** What the driver finds of each claim that is to be checked. */
function check(
  bench: Bench,
  effects: readonly Effect[],
  stands: (endpoint: string) => boolean | undefined,
): Effect[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'check') return []
    const { id, endpoint, key } = effect
    return bench.do({ type: 'checked', id, endpoint, key, stands: stands(endpoint) })
  })
}

const atHome = (endpoint: string) => endpoint === PEER_ENDPOINT

describe('a place that two nodes claim', () => {
  it('is that of the one who says HELLO from there, while the other is merely said to be there', () => {
    const bench = Bench.disconnected()
    honest(bench)
    bench.hello(OTHER)
    assert.deepEqual(drops(honest(bench)), ['endpoint-taken'])
    assert.deepEqual(types(bench.do({ type: 'connected', id: OTHER })), ['enter'])
  })

  it('is open to the other again when our mailbox has found nobody there for a second', () => {
    const bench = Bench.disconnected()
    bench.hello(OTHER)
    bench.wait(1000)
    assert.deepEqual(types(honest(bench)), ['close', 'open', 'send hello'])
  })
})

describe('a node that is said to be in several places', () => {
  for (const key of [undefined, 'its key']) {
    it(`is greeted where somebody shakes hands, ${key === undefined ? 'on an open network' : 'with its key'}`, () => {
      const bench = Bench.disconnected()
      forged(bench, 9, key === undefined ? undefined : 'another')
      const effects = honest(bench, key)
      assert.deepEqual(types(effects), ['check'])
      assert.equal(find(effects, 'check').key, key)
      const found = check(bench, effects, atHome)
      assert.deepEqual(types(found), ['drop', 'close', 'open', 'send hello'])
      assert.deepEqual(drops(found), ['false-claim'])
      assert.equal(find(found, 'open').endpoint, PEER_ENDPOINT)
      bench.do({ type: 'connected', id: PEER })
      assert.deepEqual(types(forged(bench, 10, key)), [], 'it was met')
    })
  }

  it('keeps its place when nobody shakes hands in the other, which is counted', () => {
    const bench = Bench.disconnected()
    honest(bench)
    const found = check(bench, forged(bench), atHome)
    assert.deepEqual(drops(found), ['false-claim'])
    assert.equal(bench.state.peers.get(PEER)?.endpoint, PEER_ENDPOINT)
  })

  it('is looked for again where its HELLO says that it is, if nobody was there when that was checked', () => {
    const bench = Bench.disconnected()
    forged(bench)
    const lost = check(bench, bench.hello(PEER, { endpoint: PEER_ENDPOINT }), () => false)
    assert.deepEqual(drops(lost), ['false-claim'])
    assert.deepEqual(types(forged(bench, 10)), [], 'it does not say that it is there')
    const again = honest(bench)
    assert.deepEqual(types(again), ['check'])
    const found = check(bench, again, atHome)
    assert.equal(find(found, 'open').endpoint, PEER_ENDPOINT)
    assert.deepEqual(types(bench.do({ type: 'connected', id: PEER })), ['enter'])
  })

  it('keeps its place when the other could not be checked, which counts against nobody', () => {
    const bench = Bench.disconnected()
    honest(bench)
    const found = check(bench, forged(bench), () => undefined)
    assert.deepEqual(found, [])
    assert.equal(bench.state.peers.get(PEER)?.endpoint, PEER_ENDPOINT)
    assert.deepEqual(types(forged(bench)), ['check'], 'it is checked again')
  })

  it('is not held up by one who shakes hands and says nothing', () => {
    const bench = Bench.disconnected()
    forged(bench)
    bench.do({ type: 'connected', id: PEER })
    assert.deepEqual(types(honest(bench)), [])
    bench.wait(500)
    const found = check(bench, honest(bench), atHome)
    assert.equal(find(found, 'open').endpoint, PEER_ENDPOINT)
  })

  it('by its HELLO, is looked for there, and first where its beacon came from', () => {
    const bench = Bench.disconnected()
    forged(bench)
    const effects = bench.hello(PEER)
    assert.equal(find(effects, 'check').endpoint, PEER_ENDPOINT)
  })

  it('has each claim checked once at a time, and so many in all', () => {
    const bench = Bench.disconnected()
    honest(bench)
    const effects: Effect[] = []
    for (let port = 1; port <= 2 * MAX_CLAIMS; port++)
      effects.push(...forged(bench, port), ...forged(bench, port))
    assert.equal(effects.filter(({ type }) => type === 'check').length, MAX_CLAIMS)
    assert.equal(drops(effects).filter((reason) => reason === 'greeting-limit').length, 2 * MAX_CLAIMS)
    check(bench, effects, () => false)
    assert.equal(bench.state.claims.size, 0)
    assert.equal(types(forged(bench)).includes('check'), true)
  })

  it('is not looked for where another one is', () => {
    const bench = Bench.disconnected()
    forged(bench)
    bench.do({ type: 'beacon', id: OTHER, port: 50_000, address: '10.0.0.2' })
    bench.hello(OTHER)
    bench.do({ type: 'connected', id: OTHER })
    assert.deepEqual(drops(honest(bench)), ['endpoint-taken'])
  })
})
