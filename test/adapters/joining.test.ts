import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AdapterOptions } from '@sleuth/core/adapter'
import expressSleuth, { type SleuthMiddleware as ExpressMiddleware } from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth, { type SleuthMiddleware as KoaMiddleware } from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'
import { ears } from './fronts.js'
import { announced, caller, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

interface App {
  readonly listener: RequestListener
  readonly middleware: ExpressMiddleware | KoaMiddleware
}

/** An app that answers with the name of its service, as the listener that users hand to a server. */
const apps: Record<string, (options: AdapterOptions) => App> = {
  express(options) {
    const middleware = expressSleuth({ ...on, ...options })
    const app = express().use(middleware)
    app.get('/', (_req, res) => void res.send(options.service))
    return { listener: app, middleware }
  },
  koa(options) {
    const app = new Koa()
    app.silent = true
    const middleware = koaSleuth({ ...on, ...options }, app)
    app.use(middleware).use((ctx) => {
      ctx.body = options.service
    })
    return { listener: app.callback(), middleware }
  },
}

const servers: Record<string, (listener: RequestListener) => Server> = {
  http: (listener) => http.createServer(listener),
  https: (listener) => https.createServer({}, listener),
  http2: (listener) => http2.createServer(listener as never),
  // As socket.io does.
  'http, the listener taken over': (listener) => {
    const server = http.createServer(listener)
    const listeners = server.listeners('request') as RequestListener[]
    server.removeAllListeners('request')
    return server.on('request', (req, res) => {
      for (const each of listeners) each(req, res)
    })
  },
  'http, the listener added later': (listener) => http.createServer().on('request', listener),
}

async function get(server: Server): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return { status: response.status, body: await response.text() }
}

for (const [framework, make] of Object.entries(apps)) {
  describe(`an app in ${framework} joins`, () => {
    for (const [kind, createServer] of Object.entries(servers)) {
      test(`when a server of the user's listens: ${kind}`, async () => {
        const service = `${framework}-${kind.replaceAll(/\W+/g, '-')}`
        const { listener, middleware } = make({ service })
        const server = createServer(listener)
        assert.ok(!(await announced(on, client)).includes(service))
        server.listen(0, '127.0.0.1')
        await client.waitFor(service)
        assert.equal(String((await client.request(`sleuth://${service}/`)).body), service)
        await middleware.close()
        server.close()
      })
    }

    if (framework === 'express') {
      test('when its server was taken over before it had the middleware', async () => {
        const app = express()
        const server = servers['http, the listener taken over']?.(app) as Server
        const middleware = expressSleuth({ ...on, service: 'taken-over' })
        app.use(middleware)
        server.listen(0, '127.0.0.1')
        await client.waitFor('taken-over')
        await middleware.close()
        server.close()
      })
    }

    test("when a server of the user's listens at a path", async () => {
      const { listener, middleware } = make({ service: 'at-a-path' })
      const server = http.createServer(listener).listen(join(tmpdir(), `sleuth-${process.pid}-${framework}`))
      await client.waitFor('at-a-path')
      await middleware.close()
      server.close()
    })

    test('not when a server listens that does not have it, or after close()', async () => {
      const { listener, middleware } = make({ service: 'elsewhere' })
      const other = http.createServer(() => {}).listen(0, '127.0.0.1')
      await once(other, 'listening')
      assert.ok(!(await announced(on, client)).includes('elsewhere'))
      await middleware.close()
      const server = http.createServer(listener).listen(0, '127.0.0.1')
      await once(server, 'listening')
      assert.deepEqual(await get(server), { status: 200, body: 'elsewhere' })
      assert.ok(!(await announced(on, client)).includes('elsewhere'))
      for (const each of [server, other]) each.close()
    })

    test('at the first HTTP request, if no server was seen with it, and warns', async () => {
      const log = ears()
      const service = `${framework}-late`
      const { listener, middleware } = make({ service, logger: log.logger })
      const server = http.createServer((req, res) => listener(req, res)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      assert.ok(!(await announced(on, client)).includes(service))
      assert.deepEqual(await get(server), { status: 200, body: service })
      await log.told('.join()')
      await client.waitFor(service)
      assert.deepEqual(await get(server), { status: 200, body: service })
      await middleware.close()
      server.close()
    })
  })

  describe(`a join that fails in ${framework}`, () => {
    const wrong = { service: 'fails', interface: 'no-such-interface' }

    test('is given to onError, and to each request', async () => {
      const errors: string[] = []
      const { listener, middleware } = make({ ...wrong, onError: ({ code }) => errors.push(code) })
      const server = http.createServer(listener).listen(0, '127.0.0.1')
      await once(server, 'listening')
      for (let request = 0; request < 2; request += 1) assert.equal((await get(server)).status, 500)
      assert.deepEqual(errors, ['SLEUTH_INTERFACE'])
      await assert.rejects(middleware.ready, { code: 'SLEUTH_INTERFACE' })
      await middleware.close()
      server.close()
    })

    test('is given to a client-only one’s onError', async () => {
      const error = await new Promise<{ code: string }>((onError) => {
        make({ interface: 'no-such-interface', onError })
      })
      assert.equal(error.code, 'SLEUTH_INTERFACE')
    })

    test('is no failure when close() is the reason', async () => {
      const { middleware } = make({ service: 'closed', onError: assert.ifError })
      const joining = middleware.join()
      await middleware.close()
      await assert.rejects(joining, { code: 'SLEUTH_CLOSED' })
    })

    for (const [how, code] of [
      ['listen', 1],
      ['create-server', 1],
      ['client-only', 1],
      ['request', 1],
      ['ready', 0],
      ['on-error', 0],
    ] as const) {
      test(`is on stderr, and the exit code is ${code}: ${how}`, async () => {
        const program = fileURLToPath(new URL('failing.js', import.meta.url))
        const env = { ...process.env, SLEUTH_INTERFACE: 'no-such-interface' }
        const child = spawn(process.execPath, [program, framework, how], { env })
        const [[exit], errors, output] = await Promise.all([
          once(child, 'close'),
          text(child.stderr),
          text(child.stdout),
        ])
        assert.match(errors, /"code":"SLEUTH_INTERFACE"/)
        assert.equal(exit, code, output + errors)
        if (how === 'request') assert.match(errors, /SLEUTH_WARN_LATE_JOIN.*\.join\(\)/)
      })
    }
  })
}

test('Fastify: onError is told, and ready() rejects', async () => {
  const errors: string[] = []
  const app = Fastify()
  const onError = ({ code }: { code: string }) => errors.push(code)
  await app.register(fastifySleuth, { ...on, service: 'fails', interface: 'no-such-interface', onError })
  await assert.rejects(async () => await app.ready(), { code: 'SLEUTH_INTERFACE' })
  assert.deepEqual(errors, ['SLEUTH_INTERFACE'])
  await app.close()
})

describe('what names no service', () => {
  for (const nothing of ['', { service: '' }]) {
    test(`${JSON.stringify(nothing)} is refused alike by all`, async () => {
      const refused = { code: 'SLEUTH_OPTION', message: /service must not be empty/ }
      assert.throws(() => expressSleuth(nothing), refused)
      assert.throws(() => koaSleuth(nothing, new Koa()), refused)
      const app = Fastify()
      await assert.rejects(async () => await app.register(fastifySleuth, nothing), refused)
      const nested = Fastify()
      nested.register(async (inner) => {
        inner.register(fastifySleuth, nothing)
      })
      await assert.rejects(async () => await nested.ready(), refused)
    })
  }

  for (const wrong of [null, false, 0, ['name']]) {
    test(`${JSON.stringify(wrong)} is refused alike by all`, async () => {
      const refused = { name: 'SleuthError', code: 'SLEUTH_ARGUMENT' }
      assert.throws(() => expressSleuth(wrong as never), refused)
      assert.throws(() => koaSleuth(wrong as never, new Koa()), refused)
      const app = Fastify()
      await assert.rejects(async () => await app.register(fastifySleuth, wrong as never), refused)
    })
  }

  test('a client-only one waits for a service while it joins', async () => {
    const service = apps.koa?.({ service: 'waited-for' }) as App
    await service.middleware.ready
    for (const middleware of [expressSleuth(on), koaSleuth(on)]) {
      await middleware.sleuth.waitFor('waited-for')
      await middleware.close()
    }
    await service.middleware.close()
  })

  test('nothing at all makes it client-only in Fastify', async () => {
    const app = Fastify()
    let others = 'not seen'
    await app.register(fastifySleuth, undefined)
    await app.register(async (_inner, options) => {
      others = JSON.stringify(options)
    }, '' as never)
    assert.equal(others, '{}')
    await app.close()
  })

  test('an onError that is no function is refused', () => {
    assert.throws(() => expressSleuth({ onError: 'no' as never }), {
      code: 'SLEUTH_OPTION',
      message: /onError/,
    })
  })
})
