import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { os, type RouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { createSleuth, type FetchHandler, type Sleuth, serve } from '@sleuth/core'
import { Elysia } from 'elysia'
import { H3 } from 'h3'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { AutoRouter } from 'itty-router'
import { z } from 'zod'
import { freePort } from '../hosts/port.js'

/** A service by `serve`, and a caller that knows it. */
async function network(app: FetchHandler | { fetch: FetchHandler }): Promise<Sleuth> {
  const on = { interface: 'loopback', port: await freePort() }
  const service = await createSleuth({ ...on, service: 'app-service', handler: serve(app) })
  const caller = await createSleuth({ ...on, timeout: 10_000 })
  await caller.waitFor('app-service')
  after(async () => {
    await caller.close()
    await service.close()
  })
  return caller
}

const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Ursula"}' }

interface Greeting {
  hello: string
}

/** Each greets at `GET /hello/:name` and at `POST /hello`, and fails at `/fails`. */
const apps: Record<string, () => FetchHandler | { fetch: FetchHandler }> = {
  hono: () =>
    new Hono()
      .get('/hello/:name', (c) => c.json({ hello: c.req.param('name') }))
      .post('/hello', async (c) => c.json({ hello: (await c.req.json()).name }))
      .get('/fails', () => {
        throw new Error('on purpose')
      })
      .onError((_, c) => c.json({}, 500)) as never,
  h3: () => {
    const app = new H3({ silent: true })
    app.get('/hello/:name', (event) => ({ hello: event.context.params?.name }))
    app.post('/hello', async (event) => ({ hello: ((await event.req.json()) as { name: string }).name }))
    app.get('/fails', () => {
      throw new Error('on purpose')
    })
    return (request) => app.fetch(request)
  },
  elysia: () =>
    new Elysia()
      .get('/hello/:name', ({ params }) => ({ hello: params.name }))
      .post('/hello', ({ body }) => ({ hello: (body as { name: string }).name }))
      .get('/fails', () => {
        throw new Error('on purpose')
      }) as never,
  itty: () => {
    const router = AutoRouter()
    router.get('/hello/:name', ({ params }) => ({ hello: params.name }))
    router.post('/hello', async (request) => ({ hello: ((await request.json()) as { name: string }).name }))
    router.get('/fails', () => {
      throw new Error('on purpose')
    })
    return router as never
  },
}

for (const [name, make] of Object.entries(apps)) {
  test(`${name} is a service`, { timeout: 30_000 }, async () => {
    const sleuth = await network(make())
    const read = async (path: string, init?: object) =>
      ((await (await sleuth.do(`sleuth://app-service${path}`, init)).json()) as Greeting).hello
    assert.equal(await read('/hello/bear'), 'bear')
    assert.equal(await read('/hello', post), 'Ursula')
    assert.equal((await sleuth.do('sleuth://app-service/fails')).status, 500)
    assert.equal((await sleuth.do('sleuth://app-service/nowhere')).status, 404)
  })
}

describe('Hono', { timeout: 30_000 }, () => {
  test('sends events as they come, and sees who calls', async () => {
    const app = new Hono<{ Bindings: Parameters<FetchHandler>[1] }>()
    app.get('/events', (c) =>
      streamSSE(c, async (stream) => {
        for (const data of ['1', '2', '3']) await stream.writeSSE({ data })
      }),
    )
    app.get('/caller', (c) => c.json({ id: c.env.peer?.id }))
    const sleuth = await network(app as never)
    const text = await (await sleuth.do('sleuth://app-service/events')).text()
    assert.deepEqual(text.match(/\d/g), ['1', '2', '3'])
    assert.equal(
      typeof ((await (await sleuth.do('sleuth://app-service/caller')).json()) as { id: string }).id,
      'string',
    )
  })

  test('answers a middleware that makes requests and responses anew', async () => {
    const inner = new Hono().post('/inner', async (c) => c.text(`inner ${await c.req.text()}`))
    const app = new Hono()
    app.use(async (c, next) => {
      await next()
      c.res = new Response(c.res.body, {
        status: 201,
        headers: { ...Object.fromEntries(c.res.headers), 'x-a': '1' },
      })
    })
    app.mount('/outer', inner.fetch as never)
    const sleuth = await network(app as never)
    const response = await sleuth.do('sleuth://app-service/outer/inner', { method: 'POST', body: 'body' })
    assert.deepEqual(
      [response.status, response.headers.get('x-a'), await response.text()],
      [201, '1', 'inner body'],
    )
  })
})

test('GraphQL Yoga is a service', { timeout: 30_000 }, async () => {
  // Its types bring those of a browser, which all other tests would get as well.
  const { createSchema, createYoga } = await import('graphql-yoga' as string)
  const schema = createSchema({
    typeDefs: 'type Query { greet(name: String!): String! }',
    resolvers: { Query: { greet: (_: unknown, { name }: { name: string }) => `Hello ${name}` } },
  })
  const yoga = createYoga({ schema, logging: false })
  const sleuth = await network((request) => yoga.fetch(request))
  const body = JSON.stringify({ query: '{ greet(name: "Ursula") }' })
  const response = await sleuth.do('sleuth://app-service/graphql', { ...post, body })
  assert.deepEqual(await response.json(), { data: { greet: 'Hello Ursula' } })
})

test('oRPC is a service, and its client calls it', { timeout: 30_000 }, async () => {
  const router = {
    greet: os.input(z.object({ name: z.string() })).handler(({ input }) => `Hello ${input.name}`),
    count: os.handler(async function* () {
      yield 1
      yield 2
    }),
  }
  const handler = new RPCHandler(router)
  const sleuth = await network(async (request) => {
    const { response } = await handler.handle(request, { prefix: '/rpc', context: {} })
    return response ?? new Response(null, { status: 404 })
  })
  const link = new RPCLink({
    url: 'sleuth://app-service/rpc',
    fetch: (request) => sleuth.fetch(request) as never,
  })
  const client: RouterClient<typeof router> = createORPCClient(link)
  assert.equal(await client.greet({ name: 'Ursula' }), 'Hello Ursula')
  const counted: number[] = []
  for await (const number of await client.count()) counted.push(number)
  assert.deepEqual(counted, [1, 2])
})
