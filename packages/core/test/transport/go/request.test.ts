import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { SleuthError } from '#src/shared/errors.js'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { gunzip } from '#src/transport/go/gzip.js'
import { decodeRequest, encodeRequest } from '#src/transport/go/request.js'
import { goExchanges, goRequests } from '../../vectors.js'

const group = 'SLEUTH-v1'
const limit = 1 << 20

const decode = (json: string) => decodeRequest(gzipSync(json), limit)

function codesOf(payload: Buffer): number[] {
  try {
    decodeRequest(payload, limit)
  } catch (error) {
    assert.ok(error instanceof SleuthError)
    return error.codes
  }
  assert.fail('was decoded')
}

interface Json {
  body?: string
  header: Record<string, string[]> | null
  destination: string
  handle: string
  method: string
  url: string
}

describe("Go's recorded requests", () => {
  for (const { case: name, frame1, json } of goRequests) {
    it(`${name}: are read from the bytes that Go sent`, () => {
      const { action, zipped } = openEnvelope(group, Buffer.from(frame1, 'hex'))
      assert.equal(action, 'REPL')
      const request = decodeRequest(zipped, limit)
      const wanted: Json = JSON.parse(json)
      const { body, headers, ...rest } = request
      const { header, body: base64 = '', ...scalars } = wanted
      assert.deepEqual(rest, scalars)
      assert.equal(body.toString('base64'), base64)
      const pairs = Object.entries(header ?? {}).flatMap(([key, values]) =>
        values.flatMap((value) => [key, value]),
      )
      assert.deepEqual(headers, pairs)
    })

    it(`${name}: are written as Go writes them`, () => {
      const { zipped } = openEnvelope(group, Buffer.from(frame1, 'hex'))
      const request = decodeRequest(zipped, limit)
      const written = openEnvelope(group, encodeRequest(group, request))
      const text = gunzip(written.zipped, limit).toString()
      const wanted: Json = JSON.parse(json)
      // Two differences are ours on purpose: header names that Go can find, and never a null header, which a Go
      // handler that sets one panics on.
      const { 'x-lower-raw': raw, ...header } = wanted.header ?? {}
      wanted.header = raw === undefined ? header : { ...header, 'X-Lower-Raw': raw }
      assert.equal(text, JSON.stringify(wanted))
    })
  }
})

describe('requests to a Go service', () => {
  // What Go takes and answers is taken here; what it refuses without a word is refused. These are refused later, as HTTP
  // would: the serving side answers them with 400.
  const later = ['nowrite', 'headeronly_204', 'bad_method', 'bad_url', 'lower_dest', 'other_dest']
  for (const { case: name, request_json: json, replies } of goExchanges) {
    const taken = replies.length > 0 || later.includes(name)
    it(`${name}: ${taken ? 'is taken' : 'is refused with 927'}`, () => {
      if (!taken) return assert.deepEqual(codesOf(gzipSync(json)), [927])
      const request = decode(json)
      const wanted = Object.fromEntries(
        Object.entries(JSON.parse(json) as Json).map(([key, value]) => [key.toLowerCase(), value]),
      )
      assert.equal(request.url, wanted.url)
      assert.equal(request.handle, wanted.handle)
      assert.equal(request.method, wanted.method || 'GET')
    })
  }

  it('TestRequestUnmarshalBadJSON: refuses bad JSON with 927', () => {
    assert.deepEqual(codesOf(gzipSync('{bad json}')), [927])
  })

  it('refuses bad gzip with [932, 926], and a broken one with [933, 926]', () => {
    assert.deepEqual(codesOf(Buffer.from('no gzip at all')), [932, 926])
    assert.deepEqual(codesOf(gzipSync('{}').subarray(0, 12)), [933, 926])
  })

  for (const json of [
    '[]',
    '5',
    '"x"',
    'true',
    '',
    '{"header":[]}',
    '{"header":{"A":[5]}}',
    '{"header":{"A":5}}',
  ]) {
    it(`refuses ${json || 'nothing'}`, () => {
      assert.deepEqual(codesOf(gzipSync(json)), [927])
    })
  }

  it('takes null for every field, and for the values of a header, as Go does', () => {
    const nulls = '{"body":null,"destination":null,"handle":null,"header":null,"method":null,"url":null}'
    const empty = { destination: '', handle: '', method: 'GET', url: '', headers: [], body: Buffer.alloc(0) }
    assert.deepEqual(decode(nulls), empty)
    assert.deepEqual(decode('null'), empty)
    assert.deepEqual(decode('{"header":{"A":null,"B":[null,"b"]}}').headers, ['B', '', 'B', 'b'])
  })

  it('holds __proto__ and constructor for names like any other', () => {
    const json =
      '{"__proto__":{"method":"PUT"},"constructor":5,"header":{"__proto__":["a"],"constructor":["b"]}}'
    const request = decode(json)
    assert.equal(request.method, 'GET')
    assert.deepEqual(request.headers, ['__proto__', 'a', 'constructor', 'b'])
    const { zipped } = openEnvelope(group, encodeRequest(group, request))
    const again = decodeRequest(zipped, limit)
    assert.deepEqual(again.headers, ['__proto__', 'a', 'Constructor', 'b'])
    assert.equal(({} as Record<string, unknown>).a, undefined)
  })
})

describe('encodeRequest', () => {
  it('gathers the values of a name, whatever its case, under the name that Go finds', () => {
    const headers = ['x-multi', 'one', 'Accept', '*/*', 'X-MULTI', 'two']
    const request = { destination: 'D', handle: 'h', method: 'GET', url: '/', headers, body: Buffer.alloc(0) }
    const { zipped } = openEnvelope(group, encodeRequest(group, request))
    const { header, ...rest } = JSON.parse(gunzip(zipped, limit).toString())
    assert.deepEqual(header, { 'X-Multi': ['one', 'two'], Accept: ['*/*'] })
    assert.deepEqual(rest, { destination: 'D', handle: 'h', method: 'GET', url: '/' })
  })

  it('sends the part of a buffer that a view shows, and no more', () => {
    const whole = new TextEncoder().encode('..hello..')
    const body = whole.subarray(2, 7)
    const request = { destination: 'D', handle: 'h', method: 'POST', url: '/', headers: [], body }
    const { zipped } = openEnvelope(group, encodeRequest(group, request))
    assert.equal(decodeRequest(zipped, limit).body.toString(), 'hello')
  })
})
