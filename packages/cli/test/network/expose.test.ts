import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createSleuth, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { type ExposeEvent, expose } from '#src/expose/expose.js'
import { targetOf } from '#src/expose/target.js'
import { Upstream } from '#src/expose/upstream.js'
import { deferred } from './gate.js'
import { textOf } from './http.js'
import { freePort } from './ports.js'

async function serve(
  t: TestContext,
  listener: RequestListener,
  port = 0,
): Promise<Server & { port: number }> {
  const server = createServer(listener).listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(server, { port: (server.address() as AddressInfo).port })
}

interface Mesh {
  readonly caller: Sleuth
  readonly unreachable: { count: number }
  join(options: SleuthOptions): Promise<Sleuth>
  /** An instance of `app` that is the server at this URL. */
  proxy(url: string): Promise<Sleuth>
}

async function mesh(t: TestContext): Promise<Mesh> {
  const port = await freePort()
  const nodes: Sleuth[] = []
  const join = async (options: SleuthOptions) => {
    const node = await createSleuth({
      interface: 'loopback',
      port,
      timeout: 30_000,
      drainTimeout: 0,
      ...options,
    })
    nodes.push(node)
    return node
  }
  t.after(() => Promise.all(nodes.map((node) => node.close().catch(() => {}))))
  const caller = await join({ name: 'the-caller' })
  const unreachable = { count: 0 }
  const proxy = async (url: string) => {
    const target = targetOf(url)
    assert.ok(typeof target === 'object')
    const onUnreachable = () => void unreachable.count++
    const upstream = new Upstream(target, { maxConnections: 10, keepAlive: true, onUnreachable })
    t.after(() => upstream.close())
    const node = await join({ service: 'app', handler: upstream.listener })
    await caller.waitFor('app')
    return node
  }
  return { caller, unreachable, join, proxy }
}

const mirror: RequestListener = async (req, res) => {
  const { method, url, headers, rawHeaders } = req
  const body = await textOf(req)
  res.writeHead(201, 'Made', ['X-Case', 'Kept', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'])
  res.end(JSON.stringify({ method, url, headers, body, raw: rawHeaders }))
}

test('a request over the network is a request to the server', async (t) => {
  const { port } = await serve(t, mirror)
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}/base/`)
  const headers = {
    'X-A': '1',
    'x-forwarded-host': 'shop.example',
    'x-forwarded-for': '192.0.2.1',
    'x-sleuth-peer': 'a lie',
  }
  const answer = await caller.request('sleuth://app//a/../%2e/b?c', { method: 'PUT', body: 'hello', headers })
  const told = JSON.parse(answer.body.toString())
  assert.deepEqual([answer.status, answer.headers['set-cookie']], [201, ['a=1', 'b=2']])
  assert.deepEqual([told.method, told.url, told.body], ['PUT', '/base//a/../%2e/b?c', 'hello'])
  assert.equal(told.headers.host, `127.0.0.1:${port}`)
  assert.equal(told.headers['content-length'], '5')
  assert.equal(told.headers['x-sleuth-peer'], 'the-caller')
  assert.match(told.headers['x-sleuth-peer-id'], /^[0-9A-F]{32}$/)
  assert.equal(told.headers['x-forwarded-host'], 'shop.example')
  assert.match(told.headers['x-forwarded-for'], /^192\.0\.2\.1, (127\.0\.0\.1|unknown)$/)
  assert.ok(told.raw.includes('X-A'))
})

test('a body of unknown length, and a response without a body, pass', async (t) => {
  const { port } = await serve(t, (req, res) => {
    if (req.method === 'HEAD') res.writeHead(200, { 'content-length': 1000 }).end()
    else if (req.url === '/304') res.writeHead(304, { etag: '"x"' }).end()
    else mirror(req, res)
  })
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}`)
  async function* body() {
    yield 'a'
    yield 'b'
  }
  const streamed = await caller.request('sleuth://app/', { method: 'DELETE', body: body() })
  assert.equal(JSON.parse(streamed.body.toString()).body, 'ab')
  const head = await caller.request('sleuth://app/', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '1000', 0])
  const { status, headers } = await caller.request('sleuth://app/304')
  assert.deepEqual([status, headers.etag], [304, '"x"'])
})

test('a server that takes no connection gives its requests to other instances, whatever their method', async (t) => {
  const gone = await serve(t, mirror)
  const { caller, proxy, join, unreachable } = await mesh(t)
  await proxy(`http://127.0.0.1:${gone.port}`)
  gone.close()
  await once(gone, 'close')
  const refused = { code: 'SLEUTH_DRAINING', mayHaveRun: false }
  await assert.rejects(caller.request('sleuth://app/', { method: 'POST', body: 'x', retry: false }), refused)
  assert.equal(unreachable.count, 1)
  await join({ service: 'app', handler: (_, res) => res.end('other') })
  while (caller.services()[0]?.instances.length !== 2) await once(caller as never, 'up')
  for (let i = 0; i < 4; i++) {
    const { body } = await caller.request('sleuth://app/', { method: 'POST', body: 'x' })
    assert.equal(body.toString(), 'other')
  }
})

test('a server that breaks off may have run it: only what does no harm goes elsewhere', async (t) => {
  const { port } = await serve(t, (req) => req.socket.destroy())
  const { caller, proxy, join } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}`)
  const post = await caller.request('sleuth://app/', { method: 'POST', body: 'x' })
  assert.deepEqual([post.status, post.headers['x-sleuth-error']], [503, 'closed'])
  await join({ service: 'app', handler: (_, res) => res.end('other') })
  while (caller.services()[0]?.instances.length !== 2) await once(caller as never, 'up')
  for (let i = 0; i < 4; i++) assert.equal((await caller.request('sleuth://app/')).body.toString(), 'other')
})

test('a request on a connection that the server has just closed is sent once more', async (t) => {
  const sockets = new Set<Socket>()
  let requests = 0
  // Answers the first request of a connection as if it stayed open, and closes it when a second one comes.
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    let served = 0
    socket
      .on('error', () => {})
      .on('data', () => {
        if (served++ > 0) socket.resetAndDestroy()
        else {
          requests++
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        }
      })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  for (let i = 0; i < 3; i++)
    assert.equal((await caller.request('sleuth://app/', { retry: false })).body.toString(), 'ok')
  assert.equal(requests, 3)
})

test('what is not HTTP is a bad gateway', async (t) => {
  const server = createTcpServer((socket) => void socket.on('error', () => {}).end('hello\r\n\r\n')).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  t.after(() => server.close())
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  assert.equal((await caller.request('sleuth://app/')).status, 502)
})

test('events pass one by one, and a caller that goes away ends the request to the server', async (t) => {
  const next = [deferred(), deferred()] as const
  const closed = deferred()
  const { port } = await serve(t, async (_, res) => {
    res.on('close', closed.resolve)
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    for (const { promise } of next) {
      await promise
      res.write('data: x\n\n')
    }
  })
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}`)
  const response = await caller.do('sleuth://app/')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  for (const { resolve } of next) {
    resolve()
    assert.equal(Buffer.from((await reader.read()).value as Uint8Array).toString(), 'data: x\n\n')
  }
  await reader.cancel()
  await closed.promise
})

test('a caller that goes away in the middle of its body, or while it waits, is seen by the server', async (t) => {
  let closed = deferred<unknown>()
  let begun = deferred()
  const { port } = await serve(t, (req, res) => {
    res.on('close', closed.resolve as () => void)
    req.on('data', () => begun.resolve()).on('error', () => {})
    if (req.method === 'GET') begun.resolve()
  })
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}`)
  for (const method of ['POST', 'GET']) {
    const abort = new AbortController()
    async function* endless() {
      yield 'first'
      await new Promise(() => {})
    }
    const body = method === 'POST' ? endless() : undefined
    const call = caller.request('sleuth://app/', { method, body, signal: abort.signal })
    await begun.promise
    abort.abort(new Error('enough'))
    await assert.rejects(call, /enough/)
    await closed.promise
    closed = deferred<unknown>()
    begun = deferred()
  }
})

test('a response that the server cuts is cut for the caller', async (t) => {
  const { port } = await serve(
    t,
    (_, res) => void res.write('first', () => setImmediate(() => res.destroy())),
  )
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}`)
  const response = await caller.do('sleuth://app/')
  await assert.rejects(response.text(), { code: 'SLEUTH_CUT' })
})

test('a server may answer before it has the body, and close', async (t) => {
  const { port } = await serve(t, (req, res) => {
    res.writeHead(413, { connection: 'close' }).end('too large', () => req.socket.destroySoon())
  })
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}`)
  async function* endless() {
    for (;;) {
      yield Buffer.alloc(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const { status, body } = await caller.request('sleuth://app/', { method: 'POST', body: endless() })
  assert.deepEqual([status, body.toString()], [413, 'too large'])
})

test('100 MB pass each way, and wait outside of memory', async (t) => {
  const most = 16 * 1024 * 1024
  const size = 100_000_000
  const chunk = Buffer.alloc(100_000)
  let taken = 0
  let given = 0
  const { port } = await serve(t, async (req: IncomingMessage, res) => {
    if (req.method === 'POST') {
      for await (const bytes of req) {
        taken += (bytes as Buffer).length
        await new Promise((resolve) => setImmediate(resolve))
      }
      res.end(String(taken))
      return
    }
    for (; given < size; given += chunk.length) if (!res.write(chunk)) await once(res, 'drain')
    res.end()
  })
  const { caller, proxy } = await mesh(t)
  await proxy(`http://127.0.0.1:${port}`)
  let ahead = 0
  async function* upload() {
    for (let sent = 0; sent < size; sent += chunk.length) {
      ahead = Math.max(ahead, sent - taken)
      yield chunk
    }
  }
  const { body } = await caller.request('sleuth://app/', {
    method: 'POST',
    body: upload(),
    timeout: Infinity,
  })
  assert.equal(body.toString(), String(size))
  const response = await caller.do('sleuth://app/')
  let read = 0
  for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
    ahead = Math.max(ahead, given - read)
    read += bytes.length
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(read, size)
  assert.ok(ahead < most, `${ahead} bytes were under way`)
})

test('a server is in the network while it is well', async (t) => {
  let status = 503
  const checks: number[] = []
  const { port } = await serve(t, (req, res) => {
    if (req.url === '/health') checks.push(status)
    res.writeHead(req.url === '/health' ? status : 200).end('app')
  })
  const { caller, join } = await mesh(t)
  const target = targetOf(`http://127.0.0.1:${port}`)
  assert.ok(typeof target === 'object')
  const events: ExposeEvent['event'][] = []
  const stop = new AbortController()
  t.after(() => stop.abort())
  const options = {
    health: '/health',
    interval: 20,
    maxConnections: 10,
    keepAlive: true,
    killAfter: 0,
    child: undefined,
  }
  const running = expose(
    {
      ...options,
      target,
      join: (handler) => join({ service: 'app', handler }),
      say: ({ event }) => events.push(event),
    },
    stop.signal,
  )
  const happens = (event: 'up' | 'down') => new Promise((resolve) => caller.once(event, resolve))
  while (checks.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(caller.services(), [])
  for (let i = 0; i < 2; i++) {
    const up = happens('up')
    status = 204
    await up
    assert.equal((await caller.request('sleuth://app/')).body.toString(), 'app')
    const down = happens('down')
    status = 500
    await down
    assert.deepEqual(caller.services(), [])
  }
  const up = happens('up')
  status = 200
  await up
  const down = happens('down')
  stop.abort()
  await down
  assert.equal(await running, undefined)
  assert.deepEqual(events, ['waiting', 'joined', 'left', 'joined', 'left', 'joined', 'left'])
})

test('a server that is gone leaves before its next check, when a request finds out', async (t) => {
  const server = await serve(t, (_, res) => res.end('app'))
  const { caller, join } = await mesh(t)
  const target = targetOf(`http://127.0.0.1:${server.port}`)
  assert.ok(typeof target === 'object')
  const stop = new AbortController()
  t.after(() => stop.abort())
  // Nobody would wait for this interval.
  const options = {
    health: undefined,
    interval: 2 ** 31 - 1,
    maxConnections: 10,
    keepAlive: true,
    killAfter: 0,
  }
  const left = deferred<ExposeEvent>()
  const running = expose(
    {
      ...options,
      child: undefined,
      target,
      join: (handler) => join({ service: 'app', handler }),
      say: (event) => event.event === 'left' && left.resolve(event),
    },
    stop.signal,
  )
  await caller.waitFor('app')
  server.closeAllConnections()
  server.close()
  const down = new Promise((resolve) => caller.once('down', resolve))
  await assert.rejects(caller.request('sleuth://app/', { retry: false }), { code: 'SLEUTH_DRAINING' })
  await down
  const event = await left.promise
  assert.match('why' in event ? event.why : '', /ECONNREFUSED/)
  stop.abort()
  await running
})
