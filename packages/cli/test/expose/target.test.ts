import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { targetOf } from '#src/expose/target.js'

describe('the server that is exposed', () => {
  it('is an address with a path', () => {
    const href = 'http://127.0.0.1:8000'
    const local = { host: '127.0.0.1', port: 8000, authority: '127.0.0.1:8000', base: '', href }
    assert.deepEqual(targetOf('http://127.0.0.1:8000'), local)
    assert.deepEqual(targetOf('http://127.0.0.1:8000/'), local)
    const v6 = targetOf('http://[::1]/api/')
    assert.deepEqual(v6, {
      host: '::1',
      port: 80,
      authority: '[::1]',
      base: '/api',
      href: 'http://[::1]/api',
    })
  })

  it('speaks HTTP', () => {
    assert.match(targetOf('https://127.0.0.1') as string, /without TLS/)
    for (const wrong of ['127.0.0.1:8000', 'ftp://a', '', 'http://a?b', 'http://a#b', 'http://u:p@a'])
      assert.equal(typeof targetOf(wrong), 'string', wrong)
  })
})
