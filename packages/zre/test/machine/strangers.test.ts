import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Input } from '#src/machine/types.js'
import { Bench, OTHER, PEER_ENDPOINT } from '../support/machine.js'

/** What may be told late of a peer that is forgotten. */
const inputs: Input[] = [
  { type: 'greet', id: OTHER },
  { type: 'refused', id: OTHER },
  { type: 'denied', id: OTHER },
  { type: 'lost', id: OTHER },
  { type: 'connected', id: OTHER },
  { type: 'disconnected', id: OTHER, interfaceDown: false },
  { type: 'checked', id: OTHER, endpoint: PEER_ENDPOINT, key: undefined, stands: true },
  { type: 'probed', id: OTHER, at: 1, answered: true },
  { type: 'whisper', to: OTHER, content: [] },
  { type: 'used', id: OTHER },
  { type: 'ping', to: OTHER },
  { type: 'gone', id: OTHER, endpoint: PEER_ENDPOINT },
]

describe('a peer that is forgotten', () => {
  for (const input of inputs) {
    it(`has no part in what is told of it later: ${input.type}`, () => {
      const bench = Bench.withPeer()
      assert.deepEqual(bench.do(input), [])
      assert.equal(bench.state.peers.size, 1)
    })
  }
})

describe('a peer that is not present yet', () => {
  for (const input of inputs) {
    if (!['whisper', 'used', 'ping'].includes(input.type)) continue
    it(`is not sent to: ${input.type}`, () => {
      const bench = Bench.disconnected()
      bench.beacon(OTHER)
      assert.deepEqual(bench.do(input), [])
    })
  }
})
