import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import type { Listener } from '#src/server/types.js'
import { pair } from '../harness.js'
import { wires } from '../hygiene/peers.js'
import { same } from './both.js'

interface Told {
  request: IncomingMessage
  response: ServerResponse
  socket: IncomingMessage['socket'] & { server: http.Server }
  server: http.Server
}

/** Runs a listener behind a real server, and as a service on each wire; gives what each caller got. */
async function everywhere(listener: Listener): Promise<string[]> {
  const server = http.createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const bodies = [await (await fetch(`http://127.0.0.1:${port}/`)).text()]
  server.closeAllConnections()
  server.close()
  for (const wire of wires) {
    const { sleuth } = await pair(listener, { wire })
    bodies.push(String((await sleuth.request('sleuth://foo/')).body))
  }
  return bodies
}

describe('the server of a service', () => {
  const undo: (() => void)[] = []
  afterEach(() => {
    for (const one of undo.splice(0)) one()
  })

  function listen(name: string, listener: (told: Told) => void): void {
    const onMessage = (message: unknown) => listener(message as Told)
    subscribe(name, onMessage)
    undo.push(() => unsubscribe(name, onMessage))
  }

  it('is an http.Server that does not listen, the same for all its requests', async () => {
    const servers: http.Server[] = []
    const handler: Listener = function (this: unknown, req, res) {
      const { server } = req.socket as Told['socket']
      servers.push(server)
      assert.equal(this, server)
      res.end()
    }
    const { sleuth } = await pair(handler)
    await sleuth.request('sleuth://foo/')
    await sleuth.request('sleuth://foo/')
    const [first, second] = servers as [http.Server, http.Server]
    assert.ok(first instanceof http.Server)
    assert.equal(first, second)
    assert.deepEqual([first.listening, first.address()], [false, null])
  })

  it('emits each request, so that a patch of http.Server.prototype.emit sees it', async () => {
    const { emit } = http.Server.prototype
    undo.push(() => {
      http.Server.prototype.emit = emit
    })
    const storage = new AsyncLocalStorage<string>()
    let requests = 0
    http.Server.prototype.emit = function (this: http.Server, name: string, ...rest: unknown[]) {
      const original = () => Reflect.apply(emit, this, [name, ...rest])
      if (name !== 'request') return original()
      requests++
      return storage.run('a span', original)
    } as typeof emit
    const bodies = await everywhere(async (_, res) => {
      await null
      res.end(storage.getStore())
    })
    assert.deepEqual(bodies, ['a span', 'a span', 'a span'])
    assert.equal(requests, 3)
  })

  it('emits by the prototype of the moment, so that a patch made after the service has joined sees it too', async () => {
    const { sleuth } = await pair((_, res) => res.end())
    await sleuth.request('sleuth://foo/before')
    const { emit } = http.Server.prototype
    undo.push(() => {
      http.Server.prototype.emit = emit
    })
    const urls: unknown[] = []
    http.Server.prototype.emit = function (this: http.Server, name: string, ...rest: unknown[]) {
      if (name === 'request') urls.push((rest[0] as IncomingMessage).url)
      return Reflect.apply(emit, this, [name, ...rest])
    } as typeof emit
    await sleuth.request('sleuth://foo/after')
    assert.deepEqual(urls, ['/after'])
  })

  it('keeps what a patch stores for one request from the requests beside it', async () => {
    const storage = new AsyncLocalStorage<{ user?: unknown }>()
    const { emit } = http.Server.prototype
    undo.push(() => {
      http.Server.prototype.emit = emit
    })
    http.Server.prototype.emit = function (this: http.Server, name: string, ...rest: unknown[]) {
      return storage.run({}, () => Reflect.apply(emit, this, [name, ...rest]))
    } as typeof emit
    let together = () => {}
    const both = new Promise<void>((resolve) => {
      together = resolve
    })
    let count = 0
    const { sleuth } = await pair(async (req, res) => {
      const scope = storage.getStore() as { user?: unknown }
      scope.user = req.url
      if (++count === 2) together()
      await both
      res.end(String(storage.getStore()?.user))
    })
    const calls = ['/bear', '/wolf'].map((path) => sleuth.request(`sleuth://foo${path}`))
    const bodies = (await Promise.all(calls)).map(({ body }) => String(body))
    assert.deepEqual(bodies, ['/bear', '/wolf'])
  })

  it('tells of each request on the channels of Node’s server, as that does', async () => {
    const seen: unknown[] = []
    const note = (what: string) => (message: Told) => {
      const { request, response, socket, server } = message
      assert.deepEqual(Object.keys(message).sort(), ['request', 'response', 'server', 'socket'])
      assert.equal(request.socket, socket)
      assert.equal(socket.server, server)
      assert.ok(server instanceof http.Server && response instanceof http.ServerResponse)
      seen.push([what, request.method, response.statusCode, response.headersSent, response.writableFinished])
    }
    listen('http.server.request.start', note('start'))
    listen('http.server.response.finish', note('finish'))
    await everywhere((_, res) => {
      seen.push('handler')
      res.statusCode = 404
      res.end()
    })
    const once = [['start', 'GET', 200, false, false], 'handler', ['finish', 'GET', 404, true, true]]
    assert.deepEqual(seen, [...once, ...once, ...once])
  })

  it('may be patched by whoever is told of its first request', async () => {
    const seen: string[] = []
    listen('http.server.request.start', ({ server }) => {
      if (Object.hasOwn(server, 'emit')) return
      const { emit } = server
      server.emit = function (this: http.Server, name: string, ...rest: unknown[]) {
        if (name === 'request') seen.push(name)
        return Reflect.apply(emit, this, [name, ...rest])
      } as typeof emit
    })
    await everywhere((_, res) => res.end())
    assert.deepEqual(seen, ['request', 'request', 'request'])
  })

  for (const captures of [false, true]) {
    it(`answers 500 for a listener that rejects or throws, captureRejections: ${captures}`, async () => {
      EventEmitter.captureRejections = captures
      undo.push(() => {
        EventEmitter.captureRejections = false
      })
      const handlers: Listener[] = [
        async () => {
          await null
          throw new Error('a bug')
        },
        () => {
          throw new Error('a bug')
        },
      ]
      for (const handler of handlers) {
        const { sleuth, server } = await pair(handler)
        assert.equal((await sleuth.request('sleuth://foo/')).status, 500)
        assert.deepEqual(
          server.problems().map(({ fields }) => (fields.err as Error).message),
          ['a bug'],
        )
      }
    })
  }

  it('hands on a request of another server', async () => {
    let ours: http.Server | undefined
    const { sleuth } = await pair((req, res) => {
      ours ??= (req.socket as Told['socket']).server
      res.end(`for ${req.headers.host?.split(':')[0]}`)
    })
    await sleuth.request('sleuth://foo/')
    const other = http.createServer((req, res) => void ours?.emit('request', req, res))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const response = await fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`)
    assert.equal(await response.text(), 'for 127.0.0.1')
    other.closeAllConnections()
    other.close()
  })

  it('may answer a timeout of a socket, as over HTTP', async () => {
    const seen = await same({}, (req, res, { log }) => {
      const { server } = req.socket as Told['socket']
      server.once('timeout', (socket) => {
        log(socket === req.socket)
        res.end('in spite of it')
      })
      req.socket.setTimeout(5)
    })
    assert.equal(seen.body, 'in spite of it')
  })
})

describe('the bytes of a socket', () => {
  it('are counted as they come and go', async () => {
    const body = 'x'.repeat(1000)
    const counts: number[][] = []
    const { sleuth } = await pair((req, res) => {
      const { socket } = req
      const before = [socket.bytesRead, socket.bytesWritten]
      req.resume().on('end', () => {
        res.write(body)
        res.end(body, () => counts.push([...before, socket.bytesRead, socket.bytesWritten] as number[]))
      })
    })
    for (let count = 0; count < 2; count++)
      await sleuth.request('sleuth://foo/a', { method: 'POST', body, headers: { 'x-a': 'b'.repeat(500) } })
    for (const [readBefore, writtenBefore, read, written] of counts as [number, number, number, number][]) {
      assert.ok(read >= readBefore && read >= 1500 && read < 4000, String(read))
      assert.ok(written - writtenBefore >= 2000 && written - writtenBefore < 2500, String(written))
    }
    assert.equal(counts.length, 2)
    // The second request came by the same socket.
    assert.ok((counts[1]?.[0] as number) > (counts[0]?.[2] as number))
  })

  it('count what waits to be written too, as over HTTP', async () => {
    await same({}, (req, res, { log }) => {
      const before = req.socket.bytesWritten
      req.socket.cork()
      res.writeHead(200, { 'content-length': 4 })
      res.write('four')
      log(req.socket.bytesWritten - before > 4)
      req.socket.uncork()
      res.end(() => log(Number.isInteger(req.socket.bytesRead + req.socket.bytesWritten)))
    })
  })
})
