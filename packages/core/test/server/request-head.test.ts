import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type RequestHead, requestHead } from '#src/server/request-head.js'

function headOf(part: { method?: string; url?: string; headers?: string[]; body?: Buffer | null }) {
  const { method = 'GET', url = '/', headers = [], body = null } = part
  return requestHead({ method, url, headers, body }, 'article-service')
}

function accepted(part: Parameters<typeof headOf>[0]): RequestHead {
  const head = headOf(part)
  assert.ok(typeof head === 'object', `refused: ${head}`)
  return head
}

describe('what Go sends', () => {
  test('no method is GET, no path is the root', () => {
    const { method, url } = accepted({ method: '', url: '' })
    assert.deepEqual([method, url], ['GET', '/'])
  })

  test('userinfo is taken off, and no credentials are made of it', () => {
    const cases = [
      ['//user:pw@/path?q=1', '/path?q=1'],
      ['//user@', '/'],
      ['//@/x', '/x'],
      ['//user:pw@?q', '/?q'],
    ]
    for (const [sent, url] of cases) {
      const head = accepted({ url: sent as string })
      assert.equal(head.url, url)
      assert.deepEqual(head.rawHeaders, ['Host', 'article-service'])
    }
  })

  test('two slashes that are no userinfo stay', () => {
    for (const url of ['//a/b', '//user@host/b', '/a//b@/c', '//']) assert.equal(accepted({ url }).url, url)
  })

  test('the fragment is taken off, as an HTTP client does', () => {
    const cases = [
      ['/a?b=c#d', '/a?b=c'],
      ['#d', '/'],
      ['/#a#b', '/'],
      ['//u:p@/x#f', '/x'],
    ]
    for (const [sent, url] of cases) assert.equal(accepted({ url: sent as string }).url, url)
  })
})

describe('framing is made anew', () => {
  test('content-length is the length of the body, whatever was said', () => {
    const headers = ['content-length', '99', 'Content-Length', '7', 'Transfer-Encoding', 'chunked']
    const { rawHeaders } = accepted({ method: 'POST', headers, body: Buffer.from('abc') })
    assert.deepEqual(rawHeaders, ['Host', 'article-service', 'Content-Length', '3'])
  })

  test('no body: content-length 0 where HTTP clients send it, or the caller did', () => {
    const lengthOf = (method: string, headers: string[] = []) => {
      const { rawHeaders } = accepted({ method, headers, body: Buffer.alloc(0) })
      return rawHeaders.includes('Content-Length')
    }
    assert.deepEqual(
      ['POST', 'PUT', 'PATCH'].map((method) => lengthOf(method)),
      [true, true, true],
    )
    assert.deepEqual(
      ['GET', 'HEAD', 'DELETE', 'OPTIONS'].map((method) => lengthOf(method)),
      [false, false, false, false],
    )
    assert.equal(lengthOf('DELETE', ['Content-Length', '0']), true)
    assert.equal(lengthOf('DELETE', ['Content-Length', '5']), false)
  })

  test('fields of the connection are dropped', () => {
    const names = [
      'Connection',
      'Keep-Alive',
      'Transfer-Encoding',
      'TE',
      'Trailer',
      'Upgrade',
      'Proxy-Connection',
      'Proxy-Authorization',
      'Proxy-Authenticate',
    ]
    const headers = [...names, ...names.map((name) => name.toLowerCase())].flatMap((name) => [name, 'x'])
    assert.deepEqual(accepted({ headers }).rawHeaders, ['Host', 'article-service'])
  })

  test('so are those that connection names, but for what is made anew', () => {
    const headers = [
      'X-A',
      '1',
      'Connection',
      'close, x-a,\tHost',
      'x-b',
      '2',
      'connection',
      'X-B,Content-Length',
    ]
    const body = Buffer.from('abc')
    assert.deepEqual(accepted({ method: 'POST', headers: [...headers, 'X-C', '3'], body }).rawHeaders, [
      'Host',
      'article-service',
      'X-C',
      '3',
      'Content-Length',
      '3',
    ])
  })

  test('host is the service, whatever the caller said, and however often', () => {
    const headers = ['hOst', 'example.org', 'X-Forwarded-Host', 'example.org', 'host', 'example.com']
    assert.deepEqual(accepted({ headers }).rawHeaders, [
      'Host',
      'article-service',
      'X-Forwarded-Host',
      'example.org',
    ])
  })

  test('of a body that follows, a content-length is kept that is one', () => {
    const framing = (...lengths: string[]) => {
      const headers = lengths.flatMap((length) => ['content-length', length])
      const head = requestHead(
        { method: 'POST', url: '/', headers, body: null, more: true },
        'article-service',
      )
      return typeof head === 'string' ? head : [head.length, ...head.rawHeaders.slice(2)]
    }
    assert.deepEqual(framing('5'), [5, 'Content-Length', '5'])
    assert.deepEqual(framing('007'), [7, 'Content-Length', '7'])
    assert.deepEqual(framing(), [undefined, 'Transfer-Encoding', 'chunked'])
    for (const wrong of [['5', '5'], ['5', '6'], [''], ['-1'], ['+1'], ['1e3'], ['0x5'], ['9'.repeat(17)]])
      assert.equal(framing(...wrong), 'length', String(wrong))
  })

  test('expect: only 100-continue can be met', () => {
    assert.equal(accepted({ headers: ['Expect', '100-Continue'] }).expectsContinue, true)
    assert.equal(headOf({ headers: ['Expect', 'the-moon'] }), 'expectation')
  })
})

describe('what Node’s parser refuses is refused', () => {
  let server: http.Server
  let port: number

  before(async () => {
    server = http.createServer((_, res) => res.end())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })

  after(() => {
    server.close()
  })

  /** Whether a real server gives the request to its listener. */
  async function nodeTakes(method: string, url: string, header: string): Promise<boolean> {
    const socket = net.connect(port, '127.0.0.1')
    socket.end(`${method} ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n`, 'latin1')
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    await once(socket, 'close')
    return text.startsWith('HTTP/1.1 200')
  }

  const everyByte = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))

  test('every byte in a URL', async () => {
    const places = [(c: string) => `/a${c}b`, (c: string) => `/a?b${c}c`, (c: string) => `${c}a`]
    for (const place of places) {
      for (const char of everyByte) {
        if (char === '#') continue
        const url = place(char)
        const taken = typeof headOf({ url }) === 'object'
        // `?a` alone is what Go makes of a URL without a path; over HTTP it is sent as `/?a`.
        const sent = url.startsWith('?') ? `/${url}` : url
        const path = sent.startsWith('/')
        assert.equal(taken, path && (await nodeTakes('GET', sent, '')), JSON.stringify(url))
      }
    }
  })

  test('URLs of every form, and all that are neither a path nor *', async () => {
    const urls = [
      '*',
      '*x',
      'foo',
      'foo:bar',
      'http:/x',
      'http:x',
      'http://h//p',
      'http://h',
      'http://h/p',
      'http://h?q',
      'HTTP://h:80/',
      'http://',
    ]
    urls.push(
      'http://u:p@h/',
      'http://u@h@/',
      'http://u@@h/',
      'http://@@',
      'http://h/@@',
      'http://h?@@',
      'http://[::1]/',
      'http://h{}/',
      'h2-x://a/',
      'http://h/a b',
      '//',
      '/..//%zz',
      '/\u2603',
    )
    for (const url of urls) {
      const taken = typeof headOf({ url }) === 'object'
      const sent = Buffer.from(url).toString('latin1')
      const path = url.startsWith('/') || url === '*'
      assert.equal(taken, path && (await nodeTakes('GET', sent, '')), url)
    }
  })

  test('methods', async () => {
    for (const method of [...http.METHODS, 'get', 'Get', 'PRI', 'FOO', 'GE T']) {
      const taken = typeof headOf({ method }) === 'object'
      assert.equal(taken, await nodeTakes(method, '/', ''), method)
    }
    assert.equal(headOf({ method: 'CONNECT' }), 'method')
  })

  test('every byte in a header name and in a header value', async () => {
    for (const char of everyByte) {
      if (char === '\r' || char === '\n') continue
      const value = `a${char}b`
      const takesValue = typeof headOf({ headers: ['X-A', value] }) === 'object'
      assert.equal(takesValue, await nodeTakes('GET', '/', `X-A: ${value}\r\n`), JSON.stringify(value))
      if (char === ':') continue
      const name = `X-${char}`
      const takesName = typeof headOf({ headers: [name, 'a'] }) === 'object'
      assert.equal(takesName, await nodeTakes('GET', '/', `${name}: a\r\n`), JSON.stringify(name))
    }
  })

  test('line ends, an empty name, and what is no byte', () => {
    for (const value of ['a\r\nX-B: c', 'a\n', '\ra', '\u2603']) {
      assert.equal(headOf({ headers: ['X-A', value] }), 'header-value')
    }
    for (const name of ['', 'a\r\n', 'a:', 'a b', '\u2603'])
      assert.equal(headOf({ headers: [name, 'a'] }), 'header-name')
    assert.equal(headOf({ url: '/a\r\nX-B: c' }), 'url')
  })
})
