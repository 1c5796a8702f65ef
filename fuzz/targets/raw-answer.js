import assert from 'node:assert/strict'
import { RawAnswer } from '../../packages/core/dist/serve/raw-answer.js'
import { Data } from '../lib/data.js'

/** Text of HTTP that a handler writes to its socket: the same comes of it however it is cut. */
export default {
  seeds: () =>
    [
      '\0HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: a\r\n\r\nhello',
      '\x07HTTP/1.0 204 \r\n\r\n',
      '\x20HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nno',
      '\x20HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    ].map((text) => Buffer.from(text)),
  words: ['\r\n', '\r\n\r\n', 'HTTP/1.1 ', 'content-length:'].map((text) => Buffer.from(text)),

  run(bytes) {
    const data = new Data(bytes)
    const size = 1 + data.u8()
    const text = data.rest()
    const whole = written([text])
    const parts = []
    for (let at = 0; at < text.length; at += size) parts.push(text.subarray(at, at + size))
    const cut = written(parts)
    assert.deepEqual(cut, whole)
    if (whole.head === undefined) return
    assert.ok(whole.head[2].every((field) => /^[\t\x20-\x7e\x80-\xff]*$/.test(field)))
    assert.ok(whole.body.length <= text.length)
  },
}

/** Up to the first error, as a socket that is destroyed by it. */
function written(parts) {
  const seen = { head: undefined, body: '', error: false }
  const answer = new RawAnswer({
    head: (...fields) => {
      assert.equal(seen.head, undefined)
      seen.head = fields
    },
    data: (chunks, done) => {
      seen.body += Buffer.concat(chunks).toString('latin1')
      done()
    },
  })
  for (const part of parts) {
    let called = 0
    answer.data([part], (error) => {
      called++
      seen.error = error instanceof Error
    })
    assert.equal(called, 1)
    if (seen.error) break
  }
  return { ...seen, complete: answer.complete, endsWithSocket: answer.endsWithSocket }
}
