import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { generateKeys } from '@sleuth/zre'
import { openToken, type SealParties, sealToken } from '#src/security/sealed-token.js'
import { encodeZ85 } from '#src/wire/z85.js'

const [alice, bob, mallory] = [generateKeys(), generateKeys(), generateKeys()]
const [FROM, TO] = ['AB'.repeat(16), 'CD'.repeat(16)]
const token = randomBytes(16)
const sealing: SealParties = { ...alice, theirKey: bob.publicKey, from: FROM, to: TO }
const opening: SealParties = { ...bob, theirKey: alice.publicKey, from: FROM, to: TO }

describe('a sealed token', () => {
  it('is opened by the holder of the key', () => {
    const sealed = sealToken(token, sealing) as string
    assert.deepEqual(openToken(sealed, opening), token)
    assert.notEqual(sealed, sealToken(token, sealing))
    assert.ok(!sealed.includes(token.toString('hex')))
  })

  it('is opened by nobody else, for no other node, and not when it was changed', () => {
    const sealed = sealToken(token, sealing) as string
    assert.equal(openToken(sealed, { ...opening, ...mallory }), undefined)
    assert.equal(openToken(sealed, { ...opening, theirKey: mallory.publicKey }), undefined)
    assert.equal(openToken(sealed, { ...opening, to: FROM }), undefined)
    assert.equal(openToken(sealed, { ...opening, from: TO }), undefined)
    for (let at = 0; at < sealed.length; at++) {
      const digit = sealed[at] === '0' ? '1' : '0'
      assert.equal(openToken(sealed.slice(0, at) + digit + sealed.slice(at + 1), opening), undefined)
    }
    for (const text of ['', 'x', sealed.slice(2), `${sealed}00`])
      assert.equal(openToken(text, opening), undefined)
  })

  it('is not made for a key with which nothing can be encrypted', () => {
    const weak = Buffer.alloc(32)
    weak[0] = 1
    assert.equal(sealToken(token, { ...sealing, theirKey: encodeZ85(weak) }), undefined)
  })
})
