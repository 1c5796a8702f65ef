import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ZreError } from '#src/error.js'
import { parseKeys } from '#src/security/key-file.js'
import { PeerTokens, PROOF_HEADER, TOKEN_HEADER } from '#src/security/peer-tokens.js'
import { isPublicKey, keyFromBytes } from '#src/wire/key.js'
import { nodeId } from '../support/arbitraries.js'

const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((raw) => raw[0] !== 0)
  .map((raw) => keyFromBytes(raw) as string)

describe('a list of keys', () => {
  it('gives each key in its order, whatever people write around them', () => {
    const remark = fc.string({ unit: fc.constantFrom(...'a#="\t é') })
    const between = fc.constantFrom('\n', '\r\n', '\n\n  ', '\n# curve\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(key, remark, between)), (lines) => {
        const text = lines.map(([one, said, end]) => ` ${one} ${said}${end}`).join('')
        assert.deepEqual(
          parseKeys(text, 'keys'),
          lines.map(([one]) => one),
        )
      }),
    )
  })

  it('takes or refuses any text with a code, and takes nothing but keys', () => {
    const piece = fc.oneof(
      key,
      fc.constantFrom('\n', '\r', ' ', '#', 'curve', 'public-key = "', '"', '\0', '\u2028'),
      fc.string({ unit: 'binary', maxLength: 45 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          assert.ok(parseKeys(pieces.join(''), 'keys').every(isPublicKey))
        } catch (error) {
          assert.ok(error instanceof ZreError && error.code === 'ZRE_ALLOW', String(error))
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a proof', () => {
  it('is nothing but the token that was given to this peer with this key', () => {
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdefG'), minLength: 30, maxLength: 34 })
    const made = fc.oneof(hex, fc.string())
    fc.assert(
      fc.property(nodeId(), nodeId(), key, key, made, made, (id, other, theirs, another, token, proof) => {
        fc.pre(id !== other && theirs !== another)
        const tokens = new PeerTokens(10, () => true)
        const given = new Map(tokens.greet(id, theirs)).get(TOKEN_HEADER) as string
        const hello = (shown: string) =>
          new Map([
            [TOKEN_HEADER, '00'.repeat(16)],
            [PROOF_HEADER, shown],
          ])
        assert.equal(tokens.authenticate(id, theirs, hello(given)), 'proven')
        assert.equal(tokens.authenticate(other, theirs, hello(given)), 'unproven')
        assert.equal(tokens.authenticate(id, another, hello(given)), 'unproven')
        assert.equal(tokens.authenticate(id, theirs, hello(proof)), 'unproven')
        const result = tokens.authenticate(
          id,
          theirs,
          new Map([
            [TOKEN_HEADER, token],
            [PROOF_HEADER, proof],
          ]),
        )
        assert.notEqual(result, 'proven')
        assert.equal(tokens.isProof(id, Buffer.from(proof)), false)
        assert.equal(tokens.isProof(id, Buffer.from(given, 'hex')), true)
      }),
    )
  })
})
