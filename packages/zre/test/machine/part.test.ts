import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { marked } from '#src/wire/identity.js'
import { Bench, drops, find, OTHER, PEER, PEER_ENDPOINT, types } from '../support/machine.js'

const MARKED = marked(PEER)

/** What a node knows of others, as a test says. */
function introduced(greeted: readonly string[] = [], count = 0) {
  const asked: [id: string, heardOf: number][] = []
  return {
    asked,
    count: () => count,
    knows: () => false,
    greets: (id: string, heardOf: number) => {
      asked.push([id, heardOf])
      return greeted.includes(id)
    },
  }
}

describe('a link that is closed by its user', () => {
  it('ends the peer, once what was sent to it has left, and nothing is said', () => {
    const bench = Bench.withPeer()
    const effects = bench.do({ type: 'part', id: PEER })
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'parted')
    assert.equal(find(effects, 'close').flush, true)
    assert.equal(bench.state.peers.size, 0)
    assert.deepEqual(bench.do({ type: 'part', id: PEER }), [])
  })

  it('is made anew when the other end speaks all the same, or greets', () => {
    const bench = Bench.withPeer()
    bench.do({ type: 'part', id: PEER })
    const effects = bench.whisper(2)
    assert.deepEqual(drops(effects), ['unknown-peer'])
    assert.equal(find(effects, 'open').endpoint, PEER_ENDPOINT)
    assert.equal(find(bench.hello(), 'enter').peer.id, PEER)
  })

  it('is not closed to a peer that is not present', () => {
    const bench = Bench.disconnected()
    bench.beacon()
    assert.deepEqual(bench.do({ type: 'part', id: PEER }), [])
    assert.equal(bench.state.peers.size, 1)
  })
})

describe('a node that is introduced to others', () => {
  it('greets those nodes of this library that it is told to, and asks of no others', () => {
    const known = introduced([marked(OTHER)])
    const bench = new Bench({ introduced: known })
    assert.deepEqual(bench.beacon(MARKED), [])
    assert.equal(bench.state.peers.size, 0)
    assert.deepEqual(types(bench.beacon(marked(OTHER), 50_001)), ['open', 'send hello'])
    assert.deepEqual(types(bench.beacon(PEER, 50_002)), ['open', 'send hello'])
    assert.deepEqual(bench.beacon(MARKED), [])
    assert.deepEqual(known.asked, [
      [MARKED, 0],
      [marked(OTHER), 0],
      [MARKED, 2],
    ])
  })

  it('meets whoever greets it, and whom it is told to meet', () => {
    const bench = new Bench({ introduced: introduced() })
    assert.equal(find(bench.hello(MARKED), 'enter').peer.id, MARKED)
    const found = { type: 'found', id: marked(OTHER), endpoint: 'tcp://10.0.0.3:1' } as const
    assert.equal(find(bench.do(found), 'open').id, marked(OTHER))
    // A beacon of one that is present is a sign of life.
    bench.now += 1000
    bench.beacon(MARKED)
    assert.equal(bench.state.peers.get(MARKED)?.isHeard, true)
  })

  it('takes no notice of a farewell of one that it has no link to', () => {
    const bench = new Bench({ introduced: introduced() })
    assert.deepEqual(bench.beacon(MARKED, 0), [])
  })

  it('beacons as rarely as the size of the network asks, however few its links', () => {
    const beacons = (count: number) => {
      const bench = Bench.withPeer({ introduced: introduced([], count) })
      bench.wait(20_000)
      return bench.wait(60_000).filter(({ type }) => type === 'beacon').length
    }
    assert.ok(beacons(1) >= 10)
    assert.ok(beacons(300) <= 3)
  })
})
