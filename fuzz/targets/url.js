import assert from 'node:assert/strict'
import { splitUrl } from '../../packages/core/dist/client/target.js'
import { escapeAlphabets, escapeUrl } from '../../packages/core/dist/http/text.js'
import { requestHead } from '../../packages/core/dist/server/request-head.js'
import { SleuthError } from '../../packages/core/dist/shared/errors.js'

const caller = { peer: { id: 'C', name: 'c', address: '10.0.0.2' }, port: 1 }

/** The URL of a call: what is taken apart can be sent, and is understood on the other side. */
export default {
  seeds: () =>
    [
      'sleuth://article-service/a/b?c=d#e',
      'SLEUTH://user:pw@foo?x',
      'sleuth://foo',
      'sleuth://foo/ü \u{1f600}\ud800',
      'http://foo/',
    ].map((text) => Buffer.from(text)),

  run(bytes) {
    check(bytes.toString())
    check(bytes.toString('latin1'))
    if (bytes.length % 2 === 0) check(bytes.toString('utf16le'))
  },
}

function check(text) {
  const escaped = escapeUrl(text)
  assert.match(escaped, /^[\x21-\x7e]*$/)
  assert.equal(escapeUrl(escaped), escaped)
  assert.equal(escapeAlphabets(escaped), escaped)
  let target
  try {
    target = splitUrl(text)
  } catch (error) {
    assert.ok(error instanceof SleuthError, String(error))
    return
  }
  const { service, url } = target
  assert.notEqual(service, '')
  assert.doesNotMatch(service, /[/?#]/)
  assert.equal(escapeUrl(url), url)
  const head = requestHead(
    { method: 'GET', url, headers: [], body: null, caller },
    service.replace(/[^!-~]/g, '_'),
  )
  if (typeof head === 'string') assert.ok(head === 'url' || head === 'url-length', head)
}
