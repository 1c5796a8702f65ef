import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { SleuthError } from '#src/shared/errors.js'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { gzipStored } from '#src/transport/go/gzip.js'
import { decodeRequest, encodeRequest } from '#src/transport/go/request.js'
import { decodeResponse, encodeResponse } from '#src/transport/go/response.js'

const group = 'SLEUTH-v1'
const limit = 100_000

/** Runs a decoder, which may refuse, but with a code. */
function taken<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    assert.ok(error instanceof SleuthError, String(error))
    return undefined
  }
}

const fieldNames = [
  'body',
  'code',
  'destination',
  'handle',
  'header',
  'method',
  'url',
  '__proto__',
  'BODY',
  'Header',
]
const almostFields = fc.dictionary(
  fc.constantFrom(...fieldNames),
  fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.array(fc.oneof(fc.string(), fc.jsonValue())))),
)

describe('the decoders', () => {
  it('take or refuse any bytes with a code', () => {
    const prefix = fc.constantFrom('', group, `${group}REPL`, `${group}RECV\u001f\u008b\u0008`)
    fc.assert(
      fc.property(prefix, fc.uint8Array({ maxLength: 60 }), (text, bytes) => {
        const content = Buffer.concat([Buffer.from(text, 'latin1'), bytes])
        const opened = taken(() => openEnvelope(group, content))
        if (!opened) return
        taken(() => decodeRequest(opened.zipped, limit))
        taken(() => decodeResponse(opened.zipped, limit))
      }),
      { numRuns: 5000 },
    )
  })

  it('take or refuse any JSON with a code', () => {
    fc.assert(
      fc.property(fc.oneof(almostFields, fc.jsonValue()), (value) => {
        const zipped = gzipStored('', JSON.stringify(value))
        taken(() => decodeRequest(zipped, limit))
        taken(() => decodeResponse(zipped, limit))
      }),
      { numRuns: 500 },
    )
  })

  it('take or refuse what was changed by a byte with a code', () => {
    const good = gzipSync(
      JSON.stringify({ handle: 'h', method: 'GET', url: '/', header: { A: ['b'] }, body: 'aGk=' }),
    )
    for (let at = 0; at < good.length; at++) {
      for (const mask of [1, 0x80, 0xff]) {
        const bad = Buffer.from(good)
        bad[at] = (bad[at] as number) ^ mask
        taken(() => decodeRequest(bad, limit))
        taken(() => decodeResponse(bad, limit))
      }
    }
  })
})

describe('the encoders', () => {
  const headers = fc
    .array(
      fc.tuple(fc.stringMatching(/^[A-Z][a-z]{0,8}$/), fc.string({ unit: fc.constantFrom('a', ' b', 'é') })),
    )
    .map((pairs) => pairs.flat())

  it('write requests that are read as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.string(), (body, url, handle) => {
        const request = { destination: 'D', handle, method: 'PUT', url, headers: [], body: Buffer.from(body) }
        const { zipped } = openEnvelope(group, encodeRequest(group, request))
        assert.deepEqual(decodeRequest(zipped, limit), request)
      }),
    )
  })

  it('write replies that are read with the same values for each name', () => {
    fc.assert(
      fc.property(headers, fc.integer(), (raw, code) => {
        const reply = { handle: 'h', code, headers: raw, body: Buffer.alloc(0) }
        const { zipped } = openEnvelope(group, encodeResponse(group, reply))
        assert.deepEqual(valuesByName(decodeResponse(zipped, limit).headers), valuesByName(raw))
      }),
    )
  })
})

function valuesByName(raw: readonly string[]): Record<string, string[]> {
  const values: Record<string, string[]> = {}
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    values[name] = [...(values[name] ?? []), raw[i + 1] as string]
  }
  return values
}
