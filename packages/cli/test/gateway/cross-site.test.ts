import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isCrossSite } from '#src/gateway/cross-site.js'

const none = new Set<string>()

describe('a request of a page of another origin', () => {
  it('may only read', () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.test', host: 'localhost:8080' }
    for (const method of ['GET', 'HEAD', 'OPTIONS']) assert.equal(isCrossSite(method, headers, none), false)
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      assert.equal(isCrossSite(method, headers, none), true)
    assert.equal(isCrossSite('POST', { 'sec-fetch-site': 'same-site', host: 'localhost' }, none), true)
  })

  it('may do all if the origin was allowed', () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      origin: 'http://Localhost:5173',
      host: 'localhost:8080',
    }
    assert.equal(isCrossSite('POST', headers, new Set(['http://localhost:5173'])), false)
  })

  it('is told by its origin where the browser says no more', () => {
    assert.equal(isCrossSite('POST', { origin: 'http://evil.test', host: 'localhost:8080' }, none), true)
    assert.equal(isCrossSite('POST', { origin: 'null', host: 'localhost:8080' }, none), true)
    assert.equal(
      isCrossSite('POST', { origin: 'http://localhost:8080', host: 'LOCALHOST:8080' }, none),
      false,
    )
  })
})

describe('a request of the same origin, or of no page', () => {
  it('may do all', () => {
    assert.equal(isCrossSite('POST', { host: 'localhost' }, none), false)
    assert.equal(
      isCrossSite('POST', { 'sec-fetch-site': 'same-origin', origin: 'http://a', host: 'b' }, none),
      false,
    )
    assert.equal(isCrossSite('POST', { 'sec-fetch-site': 'none', host: 'b' }, none), false)
  })
})
