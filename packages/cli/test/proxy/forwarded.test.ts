import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forwardedHeaders, type Hop, isLoop, plainAddress } from '#src/proxy/forwarded.js'

const hop: Hop = { client: '192.0.2.7', host: 'shop.localhost:8080', prefix: '', via: 'gw', trusted: false }

function forwarded(fields: string[], changes: Partial<Hop> = {}): Record<string, string> {
  const raw = forwardedHeaders(fields, { ...hop, ...changes })
  const headers: Record<string, string> = {}
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    headers[name] = name in headers ? `${headers[name]} | ${raw[i + 1]}` : (raw[i + 1] as string)
  }
  return headers
}

describe('the headers that a proxy passes on', () => {
  it('say who asked, for what and how', () => {
    assert.deepEqual(forwarded(['X-A', '1', 'x-a', '2']), {
      'x-a': '1 | 2',
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': 'shop.localhost:8080',
      'x-forwarded-proto': 'http',
      forwarded: 'for=192.0.2.7;host="shop.localhost:8080";proto=http',
      via: '1.1 gw',
    })
  })

  it('are without those of a connection, whichever it names', () => {
    const given = [
      'Connection',
      'keep-alive, X-Hop',
      'X-Hop',
      '1',
      'TE',
      'trailers',
      'Keep-Alive',
      'timeout=5',
    ]
    const more = [
      'Proxy-Authorization',
      'x',
      'Transfer-Encoding',
      'chunked',
      'Trailer',
      'x',
      'Upgrade',
      'h2c',
    ]
    const names = Object.keys(
      forwarded([...given, ...more, 'Host', 'a', 'Expect', '100-continue', 'Accept', 'b']),
    )
    assert.deepEqual(names, [
      'accept',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'forwarded',
      'via',
    ])
  })

  it('append to what a client says of others, and believe nothing that it says of itself', () => {
    const claims = ['X-Forwarded-For', '10.0.0.1', 'x-forwarded-for', '10.0.0.2', 'Forwarded', 'for=10.0.0.1']
    const lies = [
      'X-Forwarded-Host',
      'evil.test',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Prefix',
      '/admin',
    ]
    const headers = forwarded([...claims, ...lies, 'X-Real-IP', '10.0.0.1', 'Via', '1.0 squid'])
    assert.equal(headers['x-forwarded-for'], '10.0.0.1, 10.0.0.2, 192.0.2.7')
    assert.match(headers.forwarded as string, /^for=10\.0\.0\.1, for=192\.0\.2\.7;/)
    assert.equal(headers['x-forwarded-host'], 'shop.localhost:8080')
    assert.equal(headers['x-forwarded-proto'], 'http')
    assert.equal(headers.via, '1.0 squid, 1.1 gw')
    assert.ok(!('x-forwarded-prefix' in headers) && !('x-real-ip' in headers))
  })

  it('believe a proxy of the user’s own', () => {
    const said = ['X-Forwarded-Host', 'shop.example', 'X-Forwarded-Proto', 'https', 'X-Real-IP', '192.0.2.1']
    const headers = forwarded(said, { trusted: true, prefix: '/shop' })
    assert.equal(headers['x-forwarded-host'], 'shop.example')
    assert.equal(headers['x-forwarded-proto'], 'https')
    assert.equal(headers['x-real-ip'], '192.0.2.1')
    assert.equal(headers['x-forwarded-prefix'], '/shop')
  })

  it('quote what RFC 7239 wants quoted, and do not invent an address', () => {
    assert.match(forwarded([], { client: '2001:db8::1' }).forwarded as string, /^for="\[2001:db8::1\]";/)
    assert.match(forwarded([], { host: 'a"b\\' }).forwarded as string, /host="a\\"b\\\\"/)
    const unknown = forwarded([], { client: undefined })
    assert.equal(unknown['x-forwarded-for'], 'unknown')
    assert.match(unknown.forwarded as string, /^for=unknown;/)
  })
})

describe('a loop', () => {
  it('is known by the own name in via', () => {
    assert.equal(isLoop(['Via', '1.1 other, 1.1 gw'], 'gw'), true)
    assert.equal(isLoop(['via', '1.1 other', 'VIA', 'HTTP/1.1   gw (comment)'], 'gw'), true)
    assert.equal(isLoop(['Via', '1.1 gw2, 1.1 other', 'X', '1.1 gw'], 'gw'), false)
  })
})

describe('an address', () => {
  it('of IPv4 is written as IPv4', () => {
    assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
    assert.equal(plainAddress('::1'), '::1')
    assert.equal(plainAddress(undefined), undefined)
  })
})
