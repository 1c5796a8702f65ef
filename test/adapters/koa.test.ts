import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { isSleuth } from '@sleuth/core/adapter'
import sleuth, { type SleuthKoaOptions, type SleuthMiddleware } from '@sleuth/koa'
import Koa from 'koa'
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

/** An app that has the middleware, and answers at every path. */
function hello(body: string, options: SleuthKoaOptions): { app: Koa; middleware: SleuthMiddleware } {
  const app = new Koa()
  app.silent = true
  const middleware = sleuth({ ...on, ...options }, app)
  app.use(middleware)
  app.use((ctx) => {
    ctx.body = body
  })
  return { app, middleware }
}

describe('when a service joins', () => {
  test('at app.listen(), not before: with the middleware that came after an await', async () => {
    const app = new Koa()
    const middleware = sleuth({ ...on, service: 'listens' }, app)
    app.use(middleware)
    assert.ok(!(await announced(on, client)).includes('listens'))
    app.use((ctx) => {
      ctx.body = 'late'
    })
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await textOf('listens'), 'late')
    assert.equal(await (await fetch(await url(server))).text(), 'late')
    await middleware.close()
    assert.equal(await (await fetch(await url(server))).text(), 'late')
    server.close()
  })

  test('at .join(), without any HTTP', async () => {
    const { middleware } = hello('joined', { service: 'joins' })
    const joining = middleware.join()
    assert.equal(middleware.join(), joining)
    assert.equal(await joining, middleware.sleuth)
    assert.equal(await textOf('joins'), 'joined')
    await middleware.close()
  })

  test('when .ready is read', async () => {
    const { middleware } = hello('ready', { service: 'is-ready' })
    assert.equal(await middleware.ready, middleware.sleuth)
    await client.waitFor('is-ready')
    await middleware.close()
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

describe('the app that answers', () => {
  test('has the middleware that was added after requests came', async () => {
    const { app, middleware } = hello('', { service: 'grows' })
    app.middleware.pop()
    await middleware.ready
    await client.waitFor('grows')
    assert.equal((await client.request('sleuth://grows/')).status, 404)
    app.use((ctx) => {
      ctx.body = 'grown'
    })
    assert.equal(await textOf('grows'), 'grown')
    await middleware.close()
  })

  // It cannot come later: a process that went on would be in no network until its first request.
  test('has to be given with a service', async () => {
    const wanted = { code: 'SLEUTH_NOT_MOUNTED', message: /app\.use\(sleuth\(/ }
    for (const input of ['adrift', { ...on, service: 'adrift' }]) assert.throws(() => sleuth(input), wanted)
    await sleuth(on).close()
  })
})

describe('in a request', () => {
  test('ctx.sleuth calls another service, over HTTP and over sleuth', async () => {
    const other = hello('the other', { service: 'other' })
    await other.middleware.ready
    const app = new Koa()
    const middleware = sleuth({ ...on, service: 'front', timeout: 10_000 }, app)
    app.use(middleware)
    app.use(async (ctx) => {
      await ctx.sleuth.waitFor('other')
      const response = await ctx.sleuth.do('sleuth://other/')
      ctx.body = `front of ${await response.text()}`
    })
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await (await fetch(await url(server))).text(), 'front of the other')
    assert.equal(await textOf('front'), 'front of the other')
    await Promise.all([other.middleware.close(), middleware.close()])
    server.close()
  })

  test('ctx.sleuth belongs to the request', async () => {
    const app = new Koa()
    const seen: unknown[] = []
    app.use(sleuth(client))
    app.use((ctx) => {
      seen.push(ctx.sleuth, ctx.sleuth)
      ctx.body = 'seen'
    })
    const server = app.listen(0, '127.0.0.1')
    for (let request = 0; request < 2; request += 1) await (await fetch(await url(server))).text()
    assert.equal(seen.length, 4)
    assert.equal(new Set([...seen, client]).size, 3)
    assert.ok(seen.every(isSleuth))
    server.close()
  })

  test('a request waits for a join that is under way', async () => {
    const { middleware } = hello('x', { service: 'under-way' })
    let joined = false
    const joining = middleware.join().then(() => {
      joined = true
    })
    await middleware({ req: {} } as never, async () => assert.ok(joined))
    await joining
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
    const off = { service: 'off', enabled: false, interface: 'no-such-interface' }
    const { app, middleware } = hello('without a network', off)
    await middleware.ready
    await assert.rejects(middleware.sleuth.do('sleuth://other/'), { code: 'SLEUTH_DISABLED' })
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await (await fetch(await url(server))).text(), 'without a network')
    server.close()
    await middleware.close()
  })

  test('filter decides what is offered', async () => {
    const { app, middleware } = hello('offered', {
      service: 'filters',
      filter: (req) => req.url !== '/hidden',
    })
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await textOf('filters'), 'offered')
    assert.equal((await client.request('sleuth://filters/hidden')).status, 404)
    assert.equal((await fetch(`${await url(server)}/hidden`)).status, 200)
    await middleware.close()
    server.close()
  })

  test('what is wrong is said at once', () => {
    const app = new Koa()
    assert.throws(() => sleuth('', app), { code: 'SLEUTH_OPTION', message: /service/ })
    assert.throws(() => sleuth({ handler: app.callback() } as never, app), {
      code: 'SLEUTH_OPTION',
      message: /handler/,
    })
    assert.throws(() => sleuth('x', {} as never), { code: 'SLEUTH_ARGUMENT', message: /app/ })
    assert.throws(() => sleuth('x', null as never), { code: 'SLEUTH_ARGUMENT', message: /app/ })
    assert.throws(() => sleuth({ servce: 'x' } as never, app), { code: 'SLEUTH_OPTION', message: /servce/ })
    assert.throws(() => sleuth(null as never, app), { name: 'SleuthError' })
  })
})

test('close() leaves, once, however often it is called', async () => {
  const { middleware } = hello('x', { service: 'ends' })
  await middleware.ready
  await client.waitFor('ends')
  const went = gone('ends', client)
  await Promise.all([middleware.close(), middleware.close()])
  assert.ok(['left', 'stopped'].includes(await went))
})

test('several apps in one process, each with its own service', async () => {
  const names = ['one', 'two', 'three']
  const apps = names.map((service) => hello(service, { service }))
  await Promise.all(apps.map(({ middleware }) => middleware.ready))
  for (const name of names) assert.equal(await textOf(name), name)
  await Promise.all(apps.map(({ middleware }) => middleware.close()))
})
