import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { copyOf, takeOver } from '#src/shared/owned-memory.js'

describe('memory that one buffer has for itself', () => {
  const large = Buffer.alloc(64 * 1024, 'x')

  it('is taken over without a copy, once', () => {
    const copy = copyOf(large)

    const taken = takeOver(copy)

    assert.notEqual(copy.buffer, large.buffer)
    assert.equal(taken.buffer, copy.buffer)
    assert.notEqual(takeOver(copy).buffer, copy.buffer)
  })

  it('is left alone where others may use it', () => {
    const small = copyOf(Buffer.from('small'))
    const part = copyOf(large).subarray(1)
    for (const chunk of [large, small, part]) {
      const taken = takeOver(chunk)
      assert.notEqual(taken.buffer, chunk.buffer)
      assert.ok(Buffer.from(taken).equals(chunk))
    }
  })
})
