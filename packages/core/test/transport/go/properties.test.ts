import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { canonicalName, withoutInvalid } from '#src/http/headers.js'
import { byteString, escapeAlphabets, escapeUrl } from '#src/http/text.js'
import { SleuthError } from '#src/shared/errors.js'
import { openEnvelope, sealEnvelope } from '#src/transport/go/envelope.js'
import { gunzip, gzipStored } from '#src/transport/go/gzip.js'
import { headerFrom, readFields, readHeader } from '#src/transport/go/json.js'
import { decodeRequest, encodeRequest } from '#src/transport/go/request.js'
import { decodeResponse, encodeResponse } from '#src/transport/go/response.js'

const group = 'SLEUTH-v1'
const limit = 1 << 20
const text = fc.string({ unit: 'binary' })
const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', 'x-A', 'X-a', '10', 'é'))
const headers = fc.array(fc.tuple(name, text), { maxLength: 8 }).map((pairs) => pairs.flat())
const body = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))

/** The values of each name, in their order: all that Go's map of headers keeps. */
function valuesByName(raw: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (let i = 0; i < raw.length; i += 2) {
    const canonical = canonicalName(raw[i] as string)
    values.set(canonical, [...(values.get(canonical) ?? []), raw[i + 1] as string])
  }
  return new Map([...values].sort())
}

describe('an envelope', () => {
  it('is opened to what was sealed, by its own group alone', () => {
    const action = fc.constantFrom('REPL' as const, 'RECV' as const)
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), action, text, (own, wanted, json) => {
        const sealed = sealEnvelope(own, wanted, json)
        const opened = openEnvelope(own, sealed)
        assert.equal(opened.action, wanted)
        assert.deepEqual(gunzip(opened.zipped, limit), Buffer.from(json))
        assert.throws(() => openEnvelope(`${own}x`, sealed), SleuthError)
      }),
    )
  })
})

describe('gzip', () => {
  const size = fc.oneof(fc.nat(300), fc.integer({ min: 0xfffe, max: 0x10001 }), fc.constant(2 * 0xffff))

  it('written here is read by zlib, and written by zlib is read here', () => {
    fc.assert(
      fc.property(size, fc.constantFrom('x', 'é', '\u{1f600}'), (length, unit) => {
        const long = unit.repeat(length)
        assert.equal(gunzipSync(gzipStored('', long)).toString(), long)
        assert.equal(gunzip(gzipStored('', long), limit).toString(), long)
        assert.equal(gunzip(gzipSync(long), limit).toString(), long)
      }),
    )
  })

  it('is never read to more than the limit, and is refused with a code', () => {
    fc.assert(
      fc.property(size, size, fc.boolean(), (length, most, stored) => {
        const long = 'x'.repeat(length)
        const zipped = stored ? gzipStored('', long) : gzipSync(long)
        fc.pre(most > 0)
        if (length <= most) assert.equal(gunzip(zipped, most).length, length)
        else assert.throws(() => gunzip(zipped, most), { code: 'SLEUTH_TOO_LARGE' })
      }),
    )
  })

  it('that was changed is read as it was, or refused with a code', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 1, max: 255 }), (json, at, mask) => {
        const zipped = gzipStored('', json)
        const place = at % zipped.length
        zipped[place] = (zipped[place] as number) ^ mask
        try {
          assert.equal(gunzip(zipped, limit).toString(), Buffer.from(json).toString())
        } catch (error) {
          assert.ok(error instanceof SleuthError, String(error))
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a message of the first wire', () => {
  it('that is a request is read as it was written, and written as it was read', () => {
    const request = fc.record(
      { destination: text, handle: text, method: fc.string({ minLength: 1 }), url: text, headers, body },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(request, (sent) => {
        const sealed = encodeRequest(group, sent)
        const read = decodeRequest(openEnvelope(group, sealed).zipped, limit)
        assert.deepEqual(valuesByName(read.headers), valuesByName(sent.headers))
        const { headers: _, ...rest } = sent
        const { headers: _read, ...others } = read
        assert.deepEqual(others, rest)
        assert.deepEqual(encodeRequest(group, read), sealed)
      }),
    )
  })

  it('that is a reply is read as it was written, but for headers that HTTP can not carry', () => {
    fc.assert(
      fc.property(text, fc.maxSafeInteger(), headers, body, (handle, code, raw, bytes) => {
        const { zipped } = openEnvelope(
          group,
          encodeResponse(group, { handle, code, headers: raw, body: bytes }),
        )
        const read = decodeResponse(zipped, limit)
        assert.deepEqual([read.handle, read.code, read.body], [handle, code, bytes])
        assert.deepEqual(valuesByName(withoutInvalid(read.headers)), valuesByName(withoutInvalid(raw)))
      }),
    )
  })

  it('has names for its headers that are data, whatever they are', () => {
    fc.assert(
      fc.property(headers, (raw) => {
        const json = JSON.stringify({ header: headerFrom(raw) })
        const { header } = readFields(Buffer.from(json), new Set(['header'] as const))
        assert.deepEqual(valuesByName(readHeader(header)), valuesByName(raw))
        assert.deepEqual(Object.keys(Object.prototype), [])
      }),
    )
  })
})

describe('text for HTTP', () => {
  it('has names in one form, which is that of itself', () => {
    fc.assert(
      fc.property(name, (given) => {
        const canonical = canonicalName(given)
        assert.equal(canonicalName(canonical), canonical)
        assert.equal(canonical.toLowerCase(), given.toLowerCase())
      }),
    )
  })

  it('has URLs that a request line can hold, and leaves those that are ones alone', () => {
    fc.assert(
      fc.property(text, (given) => {
        const escaped = escapeUrl(given)
        assert.match(escaped, /^[\x21-\x7e]*$/)
        assert.equal(escapeUrl(escaped), escaped)
        assert.equal(decodeAll(escaped), decodeAll(given))
        assert.equal(escapeUrl(escapeAlphabets(given)), escaped)
      }),
    )
  })

  it('has values of one byte a character', () => {
    fc.assert(
      fc.property(text, (given) => {
        const value = byteString(given)
        assert.ok([...value].every((character) => character <= 'ÿ'))
        assert.equal(byteString(value), value)
      }),
    )
  })
})

/** The bytes that percent-encoded text stands for. */
function decodeAll(given: string): string {
  return Buffer.from(given)
    .toString('latin1')
    .replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
