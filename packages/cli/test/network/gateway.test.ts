import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { RequestListener } from '@sleuth/core'
import { deferred, gate } from './gate.js'
import { answerTo, ask, begin, Raw, textOf } from './http.js'

const mirror: RequestListener = async (req, res) => {
  const body = await textOf(req)
  res.writeHead(201, ['X-Case', 'Kept', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'])
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body }))
}

test('a request reaches its service as it was written, and its response comes back so', async (t) => {
  const { port } = await gate(t, { mirror })
  const path = '//a/../%2e/b?c=%20&d'
  for (const asked of [{ host: 'mirror.localhost:1', path }, { path: `/mirror${path}` }]) {
    const { status, raw, text } = await ask(port, {
      ...asked,
      method: 'PUT',
      body: 'hello',
      headers: { 'x-a': ['1', '2'] },
    })
    const { method, url, headers, body } = JSON.parse(text)
    assert.deepEqual([status, method, url, body, headers['x-a']], [201, 'PUT', path, 'hello', '1, 2'])
    assert.equal(headers['content-length'], '5')
    assert.equal(headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(headers.host, 'mirror')
    assert.equal(raw.filter((name) => name === 'Set-Cookie').length, 2)
    assert.ok(raw.includes('X-Case'))
  }
})

test('requests go to the instances that it may choose, and first to those that it prefers', async (t) => {
  const service: RequestListener = (_req, res) => res.end('well')
  const labels = { meta: { zone: 'a' } }
  for (const select of [{ where: { zone: 'a' } }, { prefer: { zone: 'b' } }]) {
    const { port } = await gate(t, { service }, { select }, labels)
    assert.equal((await ask(port, { path: '/service/' })).text, 'well')
  }
  const { port } = await gate(t, { service }, { select: { where: { zone: 'b' } } }, labels)
  const { status, headers, text } = await ask(port, { path: '/service/' })
  assert.deepEqual(
    [status, headers['retry-after'], JSON.parse(text).code, JSON.parse(text).mayHaveRun],
    [503, '1', 'SLEUTH_NO_MATCH', false],
  )
})

test('a service that carries bodies whole, as one in Go, is called too', async (t) => {
  const limits = { message: 200_000 }
  const { port } = await gate(t, { mirror }, {}, { wire: 1, limits })
  for (const length of [10, 100_000]) {
    const { status, text } = await ask(port, { method: 'POST', path: '/mirror/a', body: 'x'.repeat(length) })
    assert.deepEqual([status, JSON.parse(text).body.length, JSON.parse(text).url], [201, length, '/a'])
  }
  const { status, text } = await ask(port, { method: 'POST', path: '/mirror/', body: 'x'.repeat(1_000_000) })
  assert.deepEqual(
    [status, JSON.parse(text).code, JSON.parse(text).mayHaveRun],
    [413, 'SLEUTH_TOO_LARGE', false],
  )
})

test('responses without a body have none, and keep their headers', async (t) => {
  const { port } = await gate(t, {
    shop: (req, res) => {
      const [, status] = (req.url as string).split('/')
      res.writeHead(Number(status), { etag: '"x"', ...(status === '200' ? { 'content-length': 1000 } : {}) })
      res.end()
    },
  })
  const head = await ask(port, { method: 'HEAD', path: '/shop/200' })
  assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '1000', ''])
  for (const status of [204, 304]) {
    const { headers, ...answer } = await ask(port, { path: `/shop/${status}` })
    assert.deepEqual([answer.status, headers.etag, answer.text], [status, '"x"', ''])
  }
})

test('one connection carries many requests, also those that come before the answer', async (t) => {
  const { port } = await gate(t, { shop: (req, res) => res.end(`<${req.url}>`) })
  const raw = new Raw(port)
  raw.send('GET /shop/1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /shop/2 HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert.match(await raw.gets(/<\/1>[\s\S]*<\/2>/), /keep-alive/)
  raw.send('GET /shop/3 HTTP/1.0\r\nHost: localhost\r\n\r\n')
  assert.match(await raw.closes(), /<\/3>/)
})

test('requests of one connection are made one after the other', async (t) => {
  const begun: string[] = []
  const first = deferred()
  const { port } = await gate(t, {
    shop: async (req, res) => {
      begun.push(req.method as string)
      if (req.method === 'POST') await first.promise
      res.end(begun.join())
    },
  })
  const raw = new Raw(port).send('POST /shop/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n')
  raw.send('GET /shop/ HTTP/1.1\r\nHost: localhost\r\n\r\n')
  while (begun.length === 0) await new Promise((resolve) => setImmediate(resolve))
  // Another connection does not wait.
  assert.equal((await ask(port, { path: '/shop/' })).text, 'POST,GET')
  first.resolve()
  await raw.gets(/POST,GET[\s\S]*POST,GET,GET/)
  // Nobody is kept busy by requests without end.
  const flood = new Raw(port).send('GET /shop/ HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000))
  await flood.closes()
})

test('big headers pass both ways, and those above the limit get 431', async (t) => {
  const { port } = await gate(t, {
    shop: (req, res) => res.writeHead(200, { 'x-back': req.headers['x-big'] as string }).end(),
  })
  const big = 'x'.repeat(30_000)
  assert.equal((await ask(port, { path: '/shop/', headers: { 'x-big': big } })).headers['x-back'], big)
  const { status, headers } = await ask(port, { path: '/shop/', headers: { 'x-big': 'x'.repeat(65_400) } })
  assert.deepEqual([status, headers['content-type']], [431, 'application/problem+json'])
  const raw = new Raw(port)
  raw.send(`GET /shop/ HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(70_000)}\r\n\r\n`)
  assert.match(await raw.closes(), /^HTTP\/1\.1 431 [\s\S]*"code":"HEAD_TOO_LARGE"/)
  const many = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`x-${i}`, '1']))
  assert.equal((await ask(port, { path: '/shop/', headers: many })).status, 431)
})

test('what is not there is said, with what is', async (t) => {
  const { port, services } = await gate(t, { shop: mirror, blog: mirror })
  const unknown = await ask(port, { path: '/nope/' })
  assert.deepEqual([unknown.status, unknown.headers['content-type']], [404, 'application/problem+json'])
  assert.deepEqual(JSON.parse(unknown.text).services, ['blog', 'shop'])
  assert.equal(JSON.parse((await ask(port, {})).text).code, 'NO_SERVICE')
  await services[0]?.close()
  for (;;) {
    const { status, headers, text } = await ask(port, { path: '/shop/' })
    // The news of its leaving is still under way.
    if (JSON.parse(text).code === 'SLEUTH_DRAINING') continue
    assert.deepEqual(
      [status, headers['retry-after'], JSON.parse(text).code],
      [503, '1', 'SLEUTH_UNKNOWN_SERVICE'],
    )
    break
  }
})

test('only allowed services are there', async (t) => {
  const { port } = await gate(t, { shop: mirror, secrets: mirror }, { allow: ['shop', 'later'] })
  assert.equal((await ask(port, { path: '/shop/' })).status, 201)
  for (const asked of [{ path: '/secrets/' }, { host: 'secrets.localhost' }, { path: '/nope/' }]) {
    const { status, text } = await ask(port, asked)
    assert.deepEqual([status, JSON.parse(text).services], [403, ['shop']])
  }
  assert.deepEqual(JSON.parse((await ask(port, { path: '/later/' })).text).services, ['shop'])
})

test('what the network cannot carry is refused, each with a reason', async (t) => {
  const { port } = await gate(t, { shop: mirror })
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' }
  for (const asked of [{ headers: upgrade }, { method: 'TRACE' }]) {
    const { status, text } = await ask(port, { path: '/shop/', ...asked })
    assert.deepEqual([status, JSON.parse(text).code], [501, 'SLEUTH_UPGRADE'])
  }
  const raw = new Raw(port).send('CONNECT shop.localhost:80 HTTP/1.1\r\nHost: shop.localhost\r\n\r\n')
  assert.match(await raw.closes(), /^HTTP\/1\.1 501 [\s\S]*CONNECT/)
  // A client that would rather speak HTTP/2 is content with HTTP/1.1.
  const h2c = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' }
  assert.equal((await ask(port, { path: '/shop/', headers: h2c })).status, 201)
})

test('what is not HTTP is refused', async (t) => {
  const { port } = await gate(t, { shop: mirror })
  for (const text of [
    'hello\r\n\r\n',
    'GET /shop/ HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n',
    'POST /shop/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'POST /shop/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'GET /shop/ HTTP/1.1\r\nHost: localhost\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n',
    'GET /shop/ HTTP/1.1\r\nConnection: close\r\n\r\n',
  ])
    assert.match(await new Raw(port).send(text).closes(), /^HTTP\/1\.1 400 /, text)
})

test('a name of a stranger that points to this machine is refused', async (t) => {
  const { port } = await gate(t, { shop: mirror }, { hosts: ['localhost', 'api.example.org'] })
  assert.equal((await ask(port, { path: '/shop/', host: 'evil.test' })).status, 421)
  assert.equal((await ask(port, { path: '/_sleuth/metrics', host: 'evil.test' })).status, 421)
  assert.equal((await ask(port, { path: '/', host: 'shop.api.example.org' })).status, 201)
  const evil = { origin: 'http://evil.test' }
  assert.equal((await ask(port, { method: 'POST', path: '/shop/', headers: evil })).status, 403)
})

test('a redirect of the service leads the client back to the service', async (t) => {
  const { port } = await gate(t, { shop: (_, res) => res.writeHead(302, { location: '/next?x' }).end() })
  assert.equal((await ask(port, { path: '/shop/' })).headers.location, '/shop/next?x')
  assert.equal((await ask(port, { host: 'shop.localhost' })).headers.location, '/next?x')
})

test('a stream of events arrives event by event', async (t) => {
  const got = [deferred(), deferred(), deferred()] as const
  const { port } = await gate(t, {
    shop: async (_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      for (const { promise } of got) {
        await promise
        res.write('data: x\n\n')
      }
      res.end()
    },
  })
  const req = begin(port, { path: '/shop/' })
  req.end()
  const res = await answerTo(req)
  const events = res[Symbol.asyncIterator]()
  for (const { resolve } of got) {
    // The service sends each event only when the client has what was before it.
    resolve()
    assert.equal(String((await events.next()).value), 'data: x\n\n')
  }
  assert.equal((await events.next()).done, true)
})

test('a body of no end arrives as it is sent, and may be answered meanwhile', async (t) => {
  const chunks: string[] = []
  let heard = deferred()
  const { port } = await gate(t, {
    shop: async (req, res) => {
      res.writeHead(200).flushHeaders()
      for await (const chunk of req) {
        chunks.push(String(chunk))
        heard.resolve()
      }
      res.end(chunks.join('|'))
    },
  })
  const req = begin(port, { method: 'POST', path: '/shop/' })
  req.write('a')
  await heard.promise
  heard = deferred()
  const res = await answerTo(req)
  req.write('b')
  await heard.promise
  req.end()
  assert.equal(await textOf(res), 'a|b')
})

test('a client is asked for its body only if a service wants it', async (t) => {
  const { port } = await gate(t, { shop: mirror })
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`
  const refused = new Raw(port).send(head('/nope/'))
  assert.match(await refused.closes(), /^HTTP\/1\.1 404 /)
  const asked = new Raw(port).send(head('/shop/'))
  await asked.gets(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  asked.send('hello')
  assert.match(await asked.gets(/"body":"hello"/), /HTTP\/1\.1 201 /)
  asked.socket.destroy()
})

test('a client that hangs up ends the call, wherever that is', async (t) => {
  const closed = { waiting: deferred(), answering: deferred(), reading: deferred<Error>() }
  const begun = { waiting: deferred(), reading: deferred() }
  const { port, log } = await gate(t, {
    shop: (req, res) => {
      if (req.url === '/waiting') {
        res.on('close', closed.waiting.resolve)
        begun.waiting.resolve()
      } else if (req.url === '/answering') {
        res.on('close', closed.answering.resolve)
        res.write('first')
      } else {
        req.on('error', closed.reading.resolve).on('data', () => begun.reading.resolve())
      }
    },
  })
  const waiting = begin(port, { path: '/shop/waiting' })
  waiting.on('error', () => {}).end()
  await begun.waiting.promise
  waiting.destroy()
  await closed.waiting.promise

  const answering = begin(port, { path: '/shop/answering' })
  answering.end()
  const res = await answerTo(answering)
  await once(res, 'data')
  res.on('error', () => {})
  answering.destroy()
  await closed.answering.promise

  const reading = begin(port, { path: '/shop/reading', method: 'POST' })
  reading.on('error', () => {}).write('first')
  await begun.reading.promise
  reading.destroy()
  await closed.reading.promise
  assert.deepEqual(log.map(({ status, error }) => [status, error]).slice(0, 2), [
    [0, 'client'],
    [200, 'client'],
  ])
})

test('a response that the service cuts is cut for the client', async (t) => {
  const { port, log } = await gate(t, {
    shop: (req, res) => {
      res.writeHead(200, req.url === '/sized' ? { 'content-length': 10 } : {})
      res.write('first', () => setImmediate(() => res.destroy()))
    },
  })
  for (const path of ['/shop/sized', '/shop/chunked']) {
    const req = begin(port, { path })
    req.end()
    await assert.rejects(textOf(await answerTo(req)), { code: 'ECONNRESET' })
  }
  assert.deepEqual(
    log.map(({ error }) => error),
    ['SLEUTH_CUT', 'SLEUTH_CUT'],
  )
})

test('a service that fails before it answers is a bad gateway, and one that takes too long a timeout', async (t) => {
  const { port } = await gate(
    t,
    { shop: (req, res) => void (req.url === '/cut' && res.destroy()) },
    { timeout: 200 },
  )
  for (const [path, method, status, code] of [
    ['/shop/cut', 'POST', 502, 'SLEUTH_CUT'],
    ['/shop/slow', 'GET', 504, 'SLEUTH_TIMEOUT'],
    ['/shop/slow', 'POST', 504, 'SLEUTH_TIMEOUT'],
  ] as const) {
    const body = method === 'POST' ? 'x'.repeat(100_000) : ''
    const answer = await ask(port, { path, method, body })
    const problem = JSON.parse(answer.text)
    assert.deepEqual(
      [answer.status, problem.code, problem.mayHaveRun, problem.service],
      [status, code, true, 'shop'],
    )
  }
})

test('a service may answer before it has the body', async (t) => {
  const { port } = await gate(t, { shop: (_, res) => res.writeHead(413).end('too large') })
  const raw = new Raw(port)
  raw.send('POST /shop/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')
  assert.match(await raw.gets(/too large/), /HTTP\/1\.1 413/)
  // The rest is read, so that the connection can serve again.
  raw.send('1\r\ny\r\n0\r\n\r\nGET /shop/ HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await raw.gets(/too large[\s\S]*too large/)
  raw.socket.destroy()
})

test('a client that takes its time for a head is cut off', async (t) => {
  const { port } = await gate(t, { shop: mirror }, { clientHeadTime: 100 })
  const raw = new Raw(port).send('GET /shop/ HTTP/1.1\r\nHost: local')
  assert.match(await raw.closes(), /^HTTP\/1\.1 408 [\s\S]*"code":"HEAD_STALLED"/)
  assert.match(await new Raw(port).closes(), /^HTTP\/1\.1 408 /)
})

test('a client that takes its time for a body, or for a response, is cut off', async (t) => {
  const closed = deferred()
  const { port, log } = await gate(
    t,
    {
      shop: async (req, res) => {
        if (req.method === 'POST') return void req.resume()
        res.on('close', closed.resolve)
        const chunk = Buffer.alloc(64 * 1024)
        while (!res.destroyed) if (!res.write(chunk)) await Promise.race([once(res, 'drain'), closed.promise])
      },
    },
    { stallTime: 100 },
  )
  for (const length of [10, 100_000]) {
    const raw = new Raw(port).send(
      `POST /shop/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\nx`,
    )
    assert.match(await raw.closes(), /^HTTP\/1\.1 408 [\s\S]*"code":"UPLOAD_STALLED"/)
  }
  const req = begin(port, { path: '/shop/' })
  req.end()
  const res = await answerTo(req)
  res.on('error', () => {})
  res.pause()
  await closed.promise
  while (log.length < 3) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(log[2]?.error, 'DOWNLOAD_STALLED')
  res.destroy()
})

test('connections have a limit', async (t) => {
  const { port } = await gate(t, { shop: (_, res) => res.end('shop') }, { maxConnections: 2 })
  const first = new Raw(port)
  const second = new Raw(port)
  await Promise.all(
    [first, second].map((raw) => raw.send('GET /shop/ HTTP/1.1\r\nHost: localhost\r\n\r\n').gets(/shop$/)),
  )
  assert.equal(await new Raw(port).closes(), '')
  first.socket.end()
  await first.closes()
  for (;;) {
    const raw = new Raw(port).send('GET /shop/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    // The server may not have noticed yet that the first is gone.
    if ((await raw.closes()) !== '') break
  }
  second.socket.destroy()
})

test('a request that comes back to the gateway is refused', async (t) => {
  let port = 0
  const loop: RequestListener = async (req, res) => {
    const { via = '' } = req.headers
    const { status, text } = await ask(port, { path: '/loop/', headers: { via } })
    res.writeHead(status).end(text)
  }
  ;({ port } = await gate(t, { loop }))
  const { status, text } = await ask(port, { path: '/loop/' })
  assert.deepEqual([status, JSON.parse(text).code], [508, 'LOOP'])
})

test('the gateway says how it is', async (t) => {
  const { port, gateway } = await gate(t, { shop: mirror })
  const health = await ask(port, { path: '/_sleuth/health' })
  assert.deepEqual([health.status, JSON.parse(health.text).status], [200, 'ok'])
  await ask(port, { path: '/shop/' })
  const metrics = await ask(port, { path: '/_sleuth/metrics' })
  assert.match(metrics.headers['content-type'] as string, /^application\/openmetrics-text/)
  assert.match(metrics.text, /^sleuth_calls_total 1$/m)
  assert.equal((await ask(port, { path: '/_sleuth/health', method: 'POST' })).status, 405)
  assert.equal((await ask(port, { path: '/_sleuth/nope' })).status, 404)
  assert.ok(gateway)
})

test('a gateway that stops answers what it has begun', async (t) => {
  const begun = deferred()
  const finish = deferred()
  const { port, gateway } = await gate(t, {
    shop: async (req, res) => {
      if (req.url === '/slow') {
        begun.resolve()
        await finish.promise
      }
      res.end(`<${req.url}>`)
    },
  })
  const idle = new Raw(port).send('GET /shop/ HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await idle.gets(/<\/>/)
  const slow = new Raw(port).send('GET /shop/slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await begun.promise
  const closing = gateway.close(60_000)
  await idle.closes()
  finish.resolve()
  assert.match(await slow.closes(), /<\/slow>/)
  await closing
})

/** What is under way at most, however large the body is: buffers of sockets, windows and streams. */
const UNDER_WAY = 16 * 1024 * 1024
const BODY = 100_000_000

test('a large response waits for its reader, and not in memory', async (t) => {
  let written = 0
  const { port } = await gate(t, {
    shop: async (_, res) => {
      const chunk = Buffer.alloc(100_000)
      while (written < BODY) {
        written += chunk.length
        if (!res.write(chunk)) await once(res, 'drain')
      }
      res.end()
    },
  })
  const req = begin(port, { path: '/shop/' })
  req.end()
  let most = 0
  let read = 0
  for await (const chunk of await answerTo(req)) {
    most = Math.max(most, written - read)
    read += (chunk as Buffer).length
    // The reader is slower than the service.
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(read, BODY)
  assert.ok(most < UNDER_WAY, `${most} bytes were under way`)
})

test('a large request waits for its service, and not in memory', async (t) => {
  let read = 0
  const { port } = await gate(t, {
    shop: async (req, res) => {
      for await (const chunk of req as IncomingMessage) {
        read += (chunk as Buffer).length
        await new Promise((resolve) => setImmediate(resolve))
      }
      res.end(String(read))
    },
  })
  const req = begin(port, { method: 'POST', path: '/shop/' })
  const chunk = Buffer.alloc(100_000)
  let most = 0
  for (let sent = chunk.length; sent <= BODY; sent += chunk.length) {
    most = Math.max(most, sent - read)
    if (!req.write(chunk)) await once(req, 'drain')
  }
  req.end()
  assert.equal(await textOf(await answerTo(req)), String(BODY))
  assert.ok(most < UNDER_WAY, `${most} bytes were under way`)
})
