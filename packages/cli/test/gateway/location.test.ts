import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rewriteHeaders, rewriteLocation, type Seen } from '#src/gateway/location.js'

const byPath: Seen = {
  service: 'shop',
  prefix: '/shop',
  root: 'localhost',
  authority: { name: '127.0.0.1', port: ':8080' },
}
const byHost: Seen = {
  service: 'shop',
  prefix: '',
  root: 'localhost',
  authority: { name: 'shop.localhost', port: ':8080' },
}

describe('a redirect', () => {
  it('within the service stays within it', () => {
    for (const [location, path, host] of [
      ['/a?b', '/shop/a?b', '/a?b'],
      ['a/../b', 'a/../b', 'a/../b'],
      ['?page=2', '?page=2', '?page=2'],
      ['http://shop/a', '/shop/a', '/a'],
      ['https://SHOP', '/shop/', '/'],
      ['//shop/a', '/shop/a', '/a'],
      ['sleuth://shop?x', '/shop/?x', '/?x'],
    ] as const) {
      assert.equal(rewriteLocation(location, byPath), path)
      assert.equal(rewriteLocation(location, byHost), host)
    }
  })

  it('to another service of the network leads there', () => {
    assert.equal(rewriteLocation('sleuth://blog/a', byPath), '/blog/a')
    assert.equal(rewriteLocation('sleuth://blog/a', byHost), '//blog.localhost:8080/a')
  })

  it('to the world is left alone', () => {
    for (const location of ['https://example.org/a', 'http://blog/a', '//example.org', 'mailto:a@b', '']) {
      assert.equal(rewriteLocation(location, byPath), location)
      assert.equal(rewriteLocation(location, byHost), location)
    }
  })

  it('that a service built by x-forwarded-host gets the prefix, unless it has it', () => {
    assert.equal(rewriteLocation('http://127.0.0.1:8080/a', byPath), '/shop/a')
    assert.equal(rewriteLocation('http://127.0.0.1:8080/shop/a', byPath), 'http://127.0.0.1:8080/shop/a')
    assert.equal(rewriteLocation('http://127.0.0.1:8080/shopping', byPath), '/shop/shopping')
    assert.equal(rewriteLocation('http://127.0.0.1:9090/a', byPath), 'http://127.0.0.1:9090/a')
    assert.equal(rewriteLocation('http://shop.localhost:8080/a', byHost), 'http://shop.localhost:8080/a')
  })

  it('is the only header that changes', () => {
    const headers = ['X', '/a', 'LOCATION', '/a', 'Content-Location', '/a']
    assert.deepEqual(rewriteHeaders(headers, byPath), [
      'X',
      '/a',
      'LOCATION',
      '/shop/a',
      'Content-Location',
      '/a',
    ])
  })
})
