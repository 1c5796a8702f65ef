import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readBase64 } from '#src/wire/json.js'

/** Go's base64.StdEncoding: padded, its own alphabet. */
const standard = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function taken(text: string): boolean {
  try {
    readBase64(text, 'body')
    return true
  } catch {
    return false
  }
}

describe('readBase64', () => {
  it('takes exactly what is standard base64', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'AZaz09+/=-_ \n*é'), maxLength: 12 })
    fc.assert(
      fc.property(nearly, (text) => {
        assert.equal(taken(text), standard.test(text), JSON.stringify(text))
      }),
      { numRuns: 20_000 },
    )
  })

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.deepEqual(new Uint8Array(readBase64(Buffer.from(bytes).toString('base64'), 'body')), bytes)
      }),
    )
  })

  it('takes what is missing for empty, and nothing but text', () => {
    assert.equal(readBase64(undefined, 'body').length, 0)
    for (const value of [5, true, {}, []])
      assert.throws(() => readBase64(value, 'body'), /body is not a string/)
  })
})
