import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readBase64, readFields } from '#src/transport/go/json.js'

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

describe('readFields', () => {
  const known = new Set(['body', 'header'] as const)

  it('refuses a message of very many small parts before they are made', () => {
    for (const part of ['"",', '[],', '{},', '{"a":1},'])
      assert.throws(
        () => readFields(Buffer.from(`{"header":{"a":[${part.repeat(200_000)}""]}}`), known),
        /too many/,
      )
    assert.throws(() => readFields(Buffer.from('['.repeat(200_000)), known), /too many/)
  })

  it('takes a large message of few parts', () => {
    const body = 'A'.repeat(1_000_000)
    assert.deepEqual(
      { ...readFields(Buffer.from(JSON.stringify({ body, header: {} })), known) },
      { body, header: {} },
    )
  })
})
