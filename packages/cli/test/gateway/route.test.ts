import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Route, routeOf } from '#src/gateway/route.js'

const names = ['localhost', 'api.example.org']

function route(host: string | string[], url: string, localAddress = '127.0.0.1'): Route {
  return routeOf({ url, hosts: [host].flat(), localAddress }, names)
}

function called(host: string, url: string): unknown {
  const found = route(host, url)
  return found.type === 'service' ? [found.service, found.url, found.prefix, found.root] : found
}

function refused(host: string | string[], url: string, localAddress?: string): unknown {
  const found = route(host, url, localAddress)
  return found.type === 'problem' ? found.problem.status : found
}

describe('the service of a request', () => {
  it('is in the host', () => {
    assert.deepEqual(called('shop.localhost:8080', '/a?b'), ['shop', '/a?b', '', 'localhost'])
    assert.deepEqual(called('SHOP.Localhost.', '/'), ['shop', '/', '', 'localhost'])
    assert.deepEqual(called('a.b.localhost', '/'), ['a.b', '/', '', 'localhost'])
    assert.deepEqual(called('shop.api.example.org', '/x'), ['shop', '/x', '', 'api.example.org'])
    assert.deepEqual(called('shop.localhost', '/_sleuth/health'), [
      'shop',
      '/_sleuth/health',
      '',
      'localhost',
    ])
  })

  it('is in the path', () => {
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:8080', 'api.example.org'])
      assert.deepEqual(called(host, '/shop/a?b'), ['shop', '/a?b', '/shop', 'localhost'])
    assert.deepEqual(called('localhost', '/shop'), ['shop', '/', '/shop', 'localhost'])
    assert.deepEqual(called('localhost', '/shop?a/b'), ['shop', '/?a/b', '/shop', 'localhost'])
    assert.deepEqual(called('localhost', '/'), ['', '/', '/', 'localhost'])
    assert.deepEqual(called('localhost', '//x'), ['', '/x', '/', 'localhost'])
  })

  it('is in the URL if a client writes a whole one', () => {
    assert.deepEqual(called('evil.test', 'http://shop.localhost:8080/a'), ['shop', '/a', '', 'localhost'])
    assert.deepEqual(called('localhost', 'http://shop.localhost?a'), ['shop', '/?a', '', 'localhost'])
    assert.equal(refused('localhost', 'http://evil.test/shop/'), 421)
  })
})

describe('a path', () => {
  it('reaches the service as it was written', () => {
    for (const path of ['//a', '/../b', '/%2e%2E/c', '/a//b/./c', '/a%2Fb', '/;a=b', '/[x]|"'])
      assert.deepEqual(called('localhost', `/shop${path}`), ['shop', path, '/shop', 'localhost'])
  })

  it('has its bytes above ASCII escaped, each for itself', () => {
    const bytes = Buffer.from('/shop/é').toString('latin1')
    assert.deepEqual(called('localhost', bytes), ['shop', '/%C3%A9', '/shop', 'localhost'])
  })
})

describe('a host', () => {
  it('that is not the gateway’s is misdirected: another’s name may point to this machine', () => {
    for (const host of [
      'evil.test',
      'localhost.evil.test',
      'xlocalhost',
      '.localhost',
      '10.0.0.1',
      '[fd00::1]',
    ])
      assert.equal(refused(host, '/shop/'), 421, host)
  })

  it('may be the address that the client connected to', () => {
    assert.deepEqual(refused('10.0.0.1:80', '/shop/', '10.0.0.2'), 421)
    assert.equal(route('10.0.0.1:80', '/shop/', '10.0.0.1').type, 'service')
  })

  it('must be there once, and be one', () => {
    for (const host of [
      [],
      ['localhost', 'localhost'],
      ['a b'],
      ['user@localhost'],
      ['localhost:123456'],
      ['[zz]'],
      [''],
    ])
      assert.equal(refused(host as string[], '/shop/'), 400, String(host))
  })
})

describe('the gateway itself', () => {
  it('answers below /_sleuth, in its own name only', () => {
    assert.deepEqual(route('localhost', '/_sleuth/health?x'), { type: 'own', path: '/health?x' })
    assert.deepEqual(route('127.0.0.1', '/_sleuth'), { type: 'own', path: '' })
  })

  it('has no resource that is *', () => {
    assert.equal(refused('localhost', '*'), 501)
    assert.equal(refused('shop.localhost', '*'), 501)
  })
})
