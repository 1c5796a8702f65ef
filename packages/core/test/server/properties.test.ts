import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { endToEnd, isHopByHop } from '#src/http/headers.js'
import { requestHead } from '#src/server/request-head.js'

const peer = {
  id: 'A',
  name: 'a',
  service: undefined,
  address: '10.0.0.2',
  verified: true,
  publicKey: undefined,
}
const caller = { peer, port: 1 }
const latin1 = fc.string({ unit: fc.nat(0xff).map((code) => String.fromCharCode(code)) })
const fields = [
  'Host',
  'content-length',
  'Content-Length',
  'TE',
  'Trailer',
  'Connection',
  'Upgrade',
  'x',
  '__proto__',
]
const name = fc.oneof(
  fc.constantFrom(...fields, 'Transfer-Encoding', 'Proxy-Connection', 'Keep-Alive'),
  latin1,
)
const value = fc.oneof(fc.constantFrom('', '5', ' 7\t', '0', '1e3', '-1', 'chunked', 'a\r\nb: c'), latin1)
const headers = fc.array(fc.tuple(name, value), { maxLength: 8 }).map((pairs) => pairs.flat())
const url = fc
  .array(fc.oneof(fc.constantFrom('/', '//', '@', '?', '#', '*', 'http://', 'a', '%00', ' ', '..'), latin1), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''))

describe('the head of a request', () => {
  const inbound = fc.record(
    {
      method: fc.constantFrom('', 'GET', 'POST', 'get', 'CONNECT', 'PROPFIND', 'G T'),
      url,
      headers,
      body: fc.constantFrom(null, Buffer.from('body')),
      more: fc.boolean(),
      caller: fc.constant(caller),
    },
    { noNullPrototype: true },
  )

  it('that is let through is let through again, and unchanged', () => {
    fc.assert(
      fc.property(inbound, (given) => {
        const head = requestHead(given, 'service')
        if (typeof head === 'string') return
        const again = requestHead({ ...given, ...head, headers: head.rawHeaders }, 'service')
        // A header that is added makes it longer.
        assert.deepEqual(again, typeof again === 'object' && { ...head, size: again.size })
      }),
      { numRuns: 5000 },
    )
  })

  it('holds nothing that a line of HTTP could not, frames its body once and truly, and names a host', () => {
    fc.assert(
      fc.property(inbound, (given) => {
        const head = requestHead(given, 'service')
        if (typeof head === 'string') return
        assert.match(head.url, /^(?:\/[!-~]*|\*)$/)
        assert.ok(head.rawHeaders.every((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)))
        const names = head.rawHeaders.filter((_, place) => place % 2 === 0).map((one) => one.toLowerCase())
        for (const gone of ['te', 'trailer', 'connection', 'upgrade', 'keep-alive', 'proxy-connection'])
          assert.ok(!names.includes(gone), gone)
        assert.deepEqual(head.rawHeaders.slice(0, 2), ['Host', 'service'])
        assert.equal(names.lastIndexOf('host'), 0)
        const framing = names.filter((one) => one === 'content-length' || one === 'transfer-encoding')
        assert.ok(framing.length <= 1)
        const length = head.rawHeaders[names.indexOf('content-length') * 2 + 1]
        if (!given.more && given.body !== null) assert.deepEqual([framing.length, length], [1, '4'])
        if (!given.more && given.body === null && framing.length > 0) assert.equal(length, '0')
      }),
      { numRuns: 5000 },
    )
  })
})

describe('the fields that are carried', () => {
  it('are those that were there, in their order, but none about the connection', () => {
    fc.assert(
      fc.property(headers, (given) => {
        const named = given.flatMap((text, place) =>
          place % 2 === 1 && given[place - 1]?.toLowerCase() === 'connection'
            ? (text.toLowerCase().match(/[^\t ,]+/g) ?? [])
            : [],
        )
        const kept: string[] = []
        for (let i = 0; i < given.length; i += 2) {
          const name = given[i] as string
          if (!isHopByHop(name) && !named.includes(name.toLowerCase()))
            kept.push(name, given[i + 1] as string)
        }
        assert.deepEqual(endToEnd(given), kept)
      }),
    )
  })
})
