import assert from 'node:assert/strict'
import {
  PeerTokens,
  PROOF_HEADER,
  TOKEN_HEADER,
  withoutTokens,
} from '../../packages/zre/dist/security/peer-tokens.js'
import { Data } from '../lib/data.js'

const IDS = ['A'.repeat(32), 'B'.repeat(32), 'C'.repeat(32)]
const KEYS = ['k1', 'k2']
const MAX = 2

/** Tokens and proofs of peers, among them what an impostor makes up. */
export default {
  seeds: () => [
    Buffer.of(0, 0, 0, 3, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 5),
    Buffer.from('0100000f0123456789abcdef0123456789abcdef', 'hex'),
  ],

  run(bytes) {
    const data = new Data(bytes)
    const tokens = new PeerTokens(MAX, (id) => id === IDS[0])
    const told = new Map()
    while (data.left > 0) {
      const what = data.u8() % 6
      const id = data.pick(IDS)
      const key = data.pick(KEYS)
      if (what === 0) told.set(`${id} ${key}`, new Map(tokens.greet(id, key)).get(TOKEN_HEADER))
      else if (what === 1) {
        const headers = headersFrom(data, told.get(`${id} ${key}`))
        const result = tokens.authenticate(id, key, headers)
        // Only who was told our token can show it.
        if (result === 'proven') assert.equal(headers.get(PROOF_HEADER), told.get(`${id} ${key}`))
        tokens.learn(id, key, headers)
        assert.ok(!withoutTokens(headers).has(TOKEN_HEADER))
      } else if (what === 2) {
        const proof = data.part()
        if (tokens.isProof(id, proof)) assert.ok([...told.values()].includes(proof.toString('hex')))
      } else if (what === 3) {
        assert.equal(tokens.proofFor(id) !== undefined, tokens.holds(id))
      }
    }
  },
}

function headersFrom(data, ours) {
  const flags = data.u8()
  const headers = new Map()
  if (flags & 1) headers.set(TOKEN_HEADER, data.part().toString('hex'))
  if (flags & 2) headers.set(TOKEN_HEADER, '0f'.repeat(16))
  if (flags & 4) headers.set(PROOF_HEADER, data.part().toString())
  if (flags & 8 && ours !== undefined) headers.set(PROOF_HEADER, ours)
  if (flags & 16) headers.set(PROOF_HEADER, data.part().toString('hex'))
  return headers
}
