import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isPublicKey, keyFromBytes, keyToBytes } from '#src/wire/key.js'
import { decodeZ85, encodeZ85, isZ85 } from '#src/wire/z85.js'

describe('Z85', () => {
  it("is that of RFC 32's example", () => {
    const bytes = Buffer.from('864fd26fb559f75b', 'hex')
    assert.equal(encodeZ85(bytes), 'HelloWorld')
    assert.deepEqual(decodeZ85('HelloWorld'), bytes)
  })

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (bytes) => {
        const whole = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 4)))
        assert.deepEqual(decodeZ85(encodeZ85(whole)), whole)
      }),
    )
  })

  it('never makes the decoder throw, and what it takes encodes to the same', () => {
    const foreign = fc.string({ unit: 'binary', maxLength: 45 })
    const near = fc.string({ unit: fc.constantFrom(...'0aZ#$ "%é'), maxLength: 45 })
    fc.assert(
      fc.property(fc.oneof(foreign, near), (text) => {
        const bytes = decodeZ85(text)
        if (bytes !== undefined) assert.equal(encodeZ85(bytes), text)
      }),
    )
  })

  it('is none with a foreign character, a wrong length, or five that are more than four bytes', () => {
    assert.equal(decodeZ85('Hello Worl'), undefined)
    assert.equal(decodeZ85('HelloWorl'), undefined)
    assert.equal(decodeZ85('#####'), undefined)
    assert.deepEqual(decodeZ85('%nSc0'), Buffer.from('ffffffff', 'hex'))
    assert.equal(decodeZ85('%nSc1'), undefined)
    assert.equal(isZ85('#####'), true)
    assert.equal(isZ85('a b'), false)
  })
})

describe('a public key', () => {
  it('is 32 bytes, and 40 characters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 34 }), (bytes) => {
        const key = keyFromBytes(bytes)
        assert.equal(key !== undefined, bytes.length === 32 && bytes[0] !== 0)
        if (key === undefined) return
        assert.ok(isPublicKey(key))
        assert.deepEqual(keyToBytes(key), Buffer.from(bytes))
      }),
    )
  })

  it('is none that begins with a zero byte', () => {
    const bytes = Buffer.alloc(32, 1)
    bytes[0] = 0
    assert.equal(keyFromBytes(bytes), undefined)
    assert.equal(isPublicKey(encodeZ85(bytes)), false)
    assert.equal(isPublicKey('x'.repeat(35)), false)
  })
})
