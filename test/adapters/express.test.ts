import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { isSleuth } from '@sleuth/core/adapter'
import sleuth from '@sleuth/express'
import express, { type Express, Router } from 'express'
import { announced, caller, gone, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

async function url(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function textOf(service: string, path = '/'): Promise<string> {
  await client.waitFor(service)
  return String((await client.request(`sleuth://${service}${path}`)).body)
}

function hello(name: string): Express {
  const app = express()
  app.get('/', (_req, res) => void res.send(name))
  return app
}

test('the message about an unknown option names those of the adapter', () => {
  const unknown = { ...on, servce: 'misspelt' } as object
  assert.throws(() => sleuth(unknown), {
    code: 'SLEUTH_OPTION',
    message: /servce is unknown.*, onError, app$/,
  })
})

describe('when a service joins', () => {
  test('at app.listen(), not before: with the routes that came after an await', async () => {
    const app = express()
    const middleware = sleuth({ ...on, service: 'listens' })
    app.use(middleware)
    assert.ok(!(await announced(on, client)).includes('listens'))
    app.get('/late', (_req, res) => void res.send('late'))
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await textOf('listens', '/late'), 'late')
    assert.equal(await (await fetch(`${await url(server)}/late`)).text(), 'late')
    await middleware.close()
    assert.equal(await (await fetch(`${await url(server)}/late`)).text(), 'late')
    server.close()
  })

  test('at .join(), without any HTTP', async () => {
    const app = express()
    const middleware = sleuth({ ...on, service: 'joins' })
    app.use(middleware)
    app.get('/', (_req, res) => void res.send('joined'))
    const joining = middleware.join()
    assert.equal(middleware.join(), joining)
    assert.equal(await joining, middleware.sleuth)
    assert.equal(await textOf('joins'), 'joined')
    await middleware.close()
  })

  test('when .ready is read', async () => {
    const middleware = sleuth({ ...on, service: 'is-ready' })
    hello('x').use(middleware)
    assert.equal(await middleware.ready, middleware.sleuth)
    await client.waitFor('is-ready')
    await middleware.close()
  })

  test('when the app that its app is mounted on listens', async () => {
    const inner = hello('inner')
    const outer = express()
    const middleware = sleuth({ ...on, service: 'inner' })
    inner.use(middleware)
    express().use('/before', inner)
    outer.use('/inner', inner)
    const server = outer.listen(0, '127.0.0.1')
    assert.equal(await textOf('inner'), 'inner')
    assert.equal(await (await fetch(`${await url(server)}/inner`)).text(), 'inner')
    await middleware.close()
    server.close()
  })

  test('when the app listens that its app was mounted on before', async () => {
    const inner = hello('was inner')
    const outer = express().use('/inner', inner)
    const middleware = sleuth({ ...on, service: 'was-inner' })
    inner.use(middleware)
    const server = outer.listen(0, '127.0.0.1')
    assert.equal(await textOf('was-inner'), 'was inner')
    await middleware.close()
    server.close()
  })

  test('without a service: at once', async () => {
    await using offered = await createSleuth({
      ...on,
      service: 'offered',
      handler: (_req, res) => void res.end('here'),
    })
    const middleware = sleuth({ ...on, timeout: 10_000 })
    assert.equal(await middleware.ready, middleware.sleuth)
    await middleware.sleuth.waitFor('offered')
    assert.equal(await (await middleware.sleuth.do('sleuth://offered/')).text(), 'here')
    assert.equal(offered.stats().requests, 1)
    await middleware.close()
  })
})

describe('in a request', () => {
  test('req.sleuth calls another service, over HTTP and over sleuth', async () => {
    const apps = [hello('the other'), express()]
    const [other, front] = [
      sleuth({ ...on, service: 'other' }),
      sleuth({ ...on, service: 'front', timeout: 10_000 }),
    ]
    apps[0]?.use(other)
    apps[1]?.use(front)
    apps[1]?.get('/', async (req, res) => {
      await req.sleuth.waitFor('other')
      const response = await req.sleuth.do('sleuth://other/')
      res.send(`front of ${await response.text()}`)
    })
    const servers = apps.map((app) => app.listen(0, '127.0.0.1'))
    assert.equal(await (await fetch(await url(servers[1] as Server))).text(), 'front of the other')
    assert.equal(await textOf('front'), 'front of the other')
    await Promise.all([other.close(), front.close()])
    for (const server of servers) server.close()
  })

  test('req.sleuth belongs to the request, also in an app that is mounted and after it', async () => {
    const middleware = sleuth(client)
    const seen: unknown[] = []
    const note: express.RequestHandler = (req, _res, next) => {
      seen.push(req.sleuth)
      next()
    }
    const app = express().use(middleware, note).use(express().use(note)).use(note)
    app.get('/', (_req, res) => void res.send('seen'))
    const server = app.listen(0, '127.0.0.1')
    for (let request = 0; request < 2; request += 1) await (await fetch(await url(server))).text()
    assert.equal(seen.length, 6)
    assert.equal(new Set(seen.slice(0, 3)).size, 1)
    assert.equal(new Set(seen).size, 2)
    assert.ok(!seen.includes(client))
    assert.ok(seen.every(isSleuth))
    server.close()
  })

  test('a request waits for a join that is under way', async () => {
    const middleware = sleuth({ ...on, service: 'under-way' })
    express().use(middleware)
    const order: string[] = []
    const joined = middleware.join().then(() => order.push('joined'))
    await new Promise<void>((resolve) => {
      middleware({} as never, {} as never, () => {
        order.push('next')
        resolve()
      })
      order.push('called')
    })
    await joined
    assert.equal(order[0], 'called')
    assert.ok(order.includes('joined') && order.includes('next'))
    let passed = false
    middleware({} as never, {} as never, () => {
      passed = true
    })
    assert.ok(passed)
    await middleware.close()
  })
})

describe('a router', () => {
  test('that names its app serves', async () => {
    const app = hello('by a router')
    const middleware = sleuth({ ...on, service: 'routed', app })
    app.use(Router().use(middleware))
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await textOf('routed'), 'by a router')
    await middleware.close()
    server.close()
  })

  test('that does not gets a coded error, at .ready and in each request', async () => {
    const app = express()
    const middleware = sleuth({ ...on, service: 'adrift' })
    app.use(Router().use(middleware))
    app.use(((error, _req, res, _next) =>
      res.status(500).json(error.code)) satisfies express.ErrorRequestHandler)
    await assert.rejects(middleware.ready, { code: 'SLEUTH_NOT_MOUNTED' })
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await (await fetch(await url(server))).json(), 'SLEUTH_NOT_MOUNTED')
    server.close()
  })
})

describe('a join that fails', () => {
  test('is logged', async () => {
    const lines: unknown[] = []
    const log = (fields: object) => void lines.push(fields)
    const logger = { trace() {}, debug() {}, info() {}, warn: log, error: log }
    const middleware = sleuth({ ...on, service: 'logs', interface: 'no-such-interface', logger })
    express().use(middleware)
    await assert.rejects(middleware.ready)
    assert.match(JSON.stringify(lines), /SLEUTH_INTERFACE/)
    await middleware.close()
  })
})

describe('what a middleware is given', () => {
  test("someone else's Sleuth is used, and left open", async () => {
    const middleware = sleuth(client)
    assert.equal(await middleware.ready, client)
    assert.equal(middleware.sleuth, client)
    await middleware.close()
    assert.ok(Array.isArray(await announced(on, client)))
  })

  test('enabled: false opens nothing', async () => {
    const app = hello('without a network')
    const middleware = sleuth({ service: 'off', enabled: false, interface: 'no-such-interface' })
    app.use(middleware)
    await middleware.ready
    await assert.rejects(middleware.sleuth.do('sleuth://other/'), { code: 'SLEUTH_DISABLED' })
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await (await fetch(await url(server))).text(), 'without a network')
    server.close()
    await middleware.close()
  })

  test('filter decides what is offered', async () => {
    const app = hello('offered')
    app.get('/hidden', (_req, res) => void res.send('hidden'))
    const middleware = sleuth({ ...on, service: 'filters', filter: (req) => req.url !== '/hidden' })
    app.use(middleware)
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await textOf('filters'), 'offered')
    assert.equal((await client.request('sleuth://filters/hidden')).status, 404)
    assert.equal(await (await fetch(`${await url(server)}/hidden`)).text(), 'hidden')
    await middleware.close()
    server.close()
  })

  test('what is wrong is said at once', () => {
    assert.throws(() => sleuth(''), { code: 'SLEUTH_OPTION', message: /service/ })
    assert.throws(() => sleuth({ handler: hello('x') } as never), {
      code: 'SLEUTH_OPTION',
      message: /handler/,
    })
    assert.throws(() => sleuth({ service: 'x', app: {} as never }), { code: 'SLEUTH_OPTION', message: /app/ })
    assert.throws(() => sleuth({ servce: 'x' } as never), { code: 'SLEUTH_OPTION', message: /servce/ })
    assert.throws(() => sleuth(1 as never), { name: 'SleuthError' })
    assert.throws(() => sleuth(null as never), { name: 'SleuthError' })
  })
})

describe('the end', () => {
  test('close() leaves, once, however often it is called', async () => {
    const middleware = sleuth({ ...on, service: 'ends' })
    hello('x').use(middleware)
    await middleware.ready
    await client.waitFor('ends')
    const went = gone('ends', client)
    await Promise.all([middleware.close(), middleware.close()])
    await middleware.close()
    assert.ok(['left', 'stopped'].includes(await went))
  })

  test('close() before a join: there will be none', async () => {
    const middleware = sleuth({ ...on, service: 'never' })
    express().use(middleware)
    await middleware.close()
    await assert.rejects(middleware.join(), { code: 'SLEUTH_CLOSED' })
  })

  test('close() during a join', async () => {
    const middleware = sleuth({ ...on, service: 'cut-short' })
    express().use(middleware)
    const joining = middleware.join()
    await middleware.close()
    await joining.catch((error: { code: string }) => assert.equal(error.code, 'SLEUTH_CLOSED'))
    assert.ok(!(await announced(on, client)).includes('cut-short'))
  })
})

test('several apps in one process, each with its own service', async () => {
  const names = ['one', 'two', 'three']
  const middlewares = names.map((service) => {
    const middleware = sleuth({ ...on, service })
    hello(service).use(middleware)
    return middleware
  })
  await Promise.all(middlewares.map(({ ready }) => ready))
  for (const name of names) assert.equal(await textOf(name), name)
  await Promise.all(middlewares.map((middleware) => middleware.close()))
})
