import assert from 'node:assert/strict'
import { requestHead } from '../../packages/core/dist/server/request-head.js'
import { Data, joined } from '../lib/data.js'
import { parse } from '../lib/http-parser.js'

const LIMITS = { url: 200, headers: 12, headerBytes: 500 }
const REFUSALS = new Set([
  'method',
  'url',
  'header-name',
  'header-value',
  'expectation',
  'url-length',
  'header-size',
  'length',
])
const caller = { peer: { id: 'C', name: 'c', address: '10.0.0.2' }, port: 1 }

/** The head of a request. What is let through is what Node's own parser would have made of it. */
export default {
  seeds: () => [
    joined('\0', 'GET', '/a?b=c#d', 'Accept', '*/*', 'content-length', '5'),
    joined('\x01', 'POST', '//user:pw@/path', 'Host', 'x', 'Expect', '100-continue', 'TE', 'trailers'),
    joined('\x02', 'PUT', 'http://h/p', 'X', ' a\tb ', 'Transfer-Encoding', 'chunked', 'Trailer', 'x'),
    joined('\x01', '', '', 'Content-Length', '12', '__proto__', 'x', 'Cookie', '\xe9'),
    joined('\0', 'OPTIONS', '*', 'Upgrade', 'h2c', 'Connection', 'upgrade'),
  ],
  words: ['\r\n', '\r\n\r\n', '\0', 'http://', '%00', ':', ' ', '\t', '10', 'chunked'].map((text) =>
    Buffer.from(text, 'latin1'),
  ),

  run(bytes) {
    const [flags = Buffer.alloc(0), ...texts] = new Data(bytes).parts()
    const [method = '', url = '', ...fields] = texts.map((part) => part.toString('latin1'))
    const headers = fields.slice(0, fields.length & ~1)
    const more = (flags[0] & 1) === 1
    const body = more || (flags[0] & 2) === 0 ? null : Buffer.from('body!')
    const head = requestHead({ method, url, headers, body, more, caller }, 'service', LIMITS)
    if (typeof head === 'string') {
      assert.ok(REFUSALS.has(head), head)
      // A fragment is cut off here.
      if (head === 'url') assert.doesNotMatch(url, /^(?:\/[!"$-~]*|\*)$/)
      return
    }
    const read = parse(head)
    assert.equal(read.method, head.method)
    assert.equal(read.url, head.url)
    assert.deepEqual(read.headers, head.rawHeaders)
    const lengths = head.rawHeaders.filter(
      (name, i) => i % 2 === 0 && name.toLowerCase() === 'content-length',
    )
    assert.ok(lengths.length <= 1)
    if (body !== null) assert.equal(fieldOf(head.rawHeaders, 'content-length'), '5')
  },
}

function fieldOf(headers, wanted) {
  for (let i = 0; i < headers.length; i += 2) if (headers[i].toLowerCase() === wanted) return headers[i + 1]
  return undefined
}
