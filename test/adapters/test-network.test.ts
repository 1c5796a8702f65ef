import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, mock, test } from 'node:test'
import type { Sleuth } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import { createTestNetwork, type TestNetwork } from '@sleuth/testing'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'

interface App {
  readonly sleuth: Sleuth
  close(): Promise<void>
}

/** An app that answers with what `author-service` says, and is on a network in memory. */
const apps: Record<string, (network: TestNetwork) => Promise<App>> = {
  async fastify(network) {
    const app = Fastify()
    await app.register(fastifySleuth, { service: 'articles', network })
    app.get('/', async (request) => (await request.sleuth.do('sleuth://author-service/authors/1')).json())
    await app.ready()
    return app
  },
  async express(network) {
    const middleware = expressSleuth({ service: 'articles', network })
    express()
      .use(middleware)
      .get('/', async (req, res) => {
        res.json(await (await req.sleuth.do('sleuth://author-service/authors/1')).json())
      })
    await middleware.ready
    return middleware
  },
  async koa(network) {
    const app = new Koa()
    const middleware = koaSleuth({ service: 'articles', network }, app)
    app.use(middleware).use(async (ctx) => {
      ctx.body = await (await ctx.sleuth.do('sleuth://author-service/authors/1')).json()
    })
    await middleware.ready
    return middleware
  },
}

const PATIENT = { timeout: 10_000 }

async function answerOf(client: Sleuth): Promise<unknown> {
  return (await client.do('sleuth://articles/', PATIENT)).json()
}

for (const [name, create] of Object.entries(apps)) {
  describe(`${name} on a test network`, () => {
    test('is called and calls others, from when it has joined until it has closed', async () => {
      await using network = createTestNetwork()
      const authors = await network.mockService('author-service', { 'GET /authors/:id': { name: 'Ursula' } })
      const app = await create(network)
      const client = await network.createSleuth()
      assert.deepEqual(await answerOf(client), { name: 'Ursula' })
      assert.deepEqual(
        authors.calls.map(({ url, caller }) => [url, caller]),
        [['/authors/1', 'articles']],
      )
      await app.close()
      assert.deepEqual(
        client.services().map(({ service }) => service),
        ['author-service'],
      )
    })

    test('may go with the network, be killed, and be closed afterwards', async () => {
      const network = createTestNetwork()
      const [one, two] = [await create(network), await create(network)]
      const client = await network.createSleuth()
      await network.kill(one)
      assert.equal(client.services()[0]?.instances.length, 1)
      await network.close()
      await Promise.all([one.close(), two.close()])
    })

    test('has a client that can be spied on and replaced', async () => {
      await using network = createTestNetwork()
      const authors = await network.mockService('author-service', { name: 'Ursula' })
      const app = await create(network)
      const client = await network.createSleuth()
      const spy = mock.method(app.sleuth, 'do')
      assert.deepEqual(await answerOf(client), { name: 'Ursula' })
      assert.deepEqual(
        spy.mock.calls.map(({ arguments: [input] }) => input),
        ['sleuth://author-service/authors/1'],
      )
      spy.mock.mockImplementation(async () => Response.json({ name: 'double' }))
      assert.deepEqual(await answerOf(client), { name: 'double' })
      spy.mock.restore()
      assert.deepEqual(await answerOf(client), { name: 'Ursula' })
      assert.equal(authors.calls.length, 2)
    })
  })
}

test('a network ends at once, whatever an app is asked over HTTP', { timeout: 20_000 }, async () => {
  for (const clock of ['real', 'virtual'] as const) {
    const network = createTestNetwork({ clock })
    const middleware = expressSleuth({ service: 'articles', network, drainTimeout: Infinity })
    let begun = (): void => {}
    const running = new Promise<void>((resolve) => {
      begun = resolve
    })
    const app = express()
      .use(middleware)
      .get('/', () => begun())
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await middleware.ready
    const { port } = server.address() as AddressInfo
    get({ host: '127.0.0.1', port }).on('error', () => {})
    await running
    await network.close()
    server.closeAllConnections()
    server.close()
  }
})

test('the client of one request takes a double of its own', async () => {
  await using network = createTestNetwork()
  const app = Fastify()
  await app.register(fastifySleuth, { service: 'articles', network })
  app.addHook('onRequest', async (request) => {
    mock.method(request.sleuth, 'do', async () => Response.json({ name: 'double' }))
    mock.method(request.sleuth, 'request')
  })
  app.get('/', async (request) => (await request.sleuth.do('sleuth://nobody/')).json())
  app.get('/spied', async ({ sleuth: own }) => {
    const { body } = await own.request('sleuth://author-service/')
    const { mock: spied } = own.request as unknown as { mock: { callCount(): number } }
    return [String(body), spied.callCount()]
  })
  await network.mockService('author-service', 'Ursula')
  await app.ready()
  const client = await network.createSleuth()
  assert.deepEqual(await answerOf(client), { name: 'double' })
  assert.deepEqual(await (await client.do('sleuth://articles/spied', PATIENT)).json(), ['Ursula', 1])
  await app.close()
})
