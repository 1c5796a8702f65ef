import { describe } from 'node:test'
import { createTRPCClient, httpBatchLink, httpBatchStreamLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { initClient, initContract } from '@ts-rest/core'
import { Hono } from 'hono'
import { hc } from 'hono/client'
import { z } from 'zod'
import { app } from './app.js'
import { type Fetch, serveBoth } from './both.js'

describe('ts-rest', () => {
  const { same } = serveBoth(app)
  const contract = initContract().router({
    facts: { method: 'GET', path: '/json', responses: { 200: z.unknown() } },
    echo: {
      method: 'POST',
      path: '/echo',
      body: z.object({ a: z.number() }),
      responses: { 200: z.unknown() },
    },
    missing: { method: 'GET', path: '/missing', responses: { 404: z.unknown() } },
  })
  const client = (baseUrl: string, fetch: Fetch) =>
    initClient(contract, {
      baseUrl,
      baseHeaders: {},
      api: async ({ path, method, headers, body }) => {
        const response = await fetch(path, {
          method,
          headers,
          ...(body !== undefined && { body: body as string }),
        })
        return { status: response.status, body: await response.json(), headers: response.headers }
      },
    })

  same('reads JSON', async ({ base, fetch }) => (await client(base, fetch).facts()).body)
  same('sends JSON', async ({ base, fetch }) => (await client(base, fetch).echo({ body: { a: 1 } })).body)
  same('tells of a 404', async ({ base, fetch }) => (await client(base, fetch).missing()).status)
})

describe("Hono's client", () => {
  const { same } = serveBoth(app)
  const hono = new Hono().get('/json', (c) => c.json({ name: '' })).post('/echo', (c) => c.json({ body: '' }))
  const client = (base: string, fetch: Fetch) => hc<typeof hono>(base, { fetch })

  same('reads JSON', async ({ base, fetch }) => (await client(base, fetch).json.$get()).json())
  same('posts', async ({ base, fetch }) => {
    const response = await client(base, fetch).echo.$post({}, { headers: { 'x-own': '1' } })
    return response.json()
  })
  same('tells a URL', async ({ base, fetch }) => client(base, fetch).json.$url().href)
})

describe('tRPC', () => {
  const t = initTRPC.create()
  const router = t.router({
    add: t.procedure
      .input(z.object({ a: z.number(), b: z.number() }))
      .query(({ input }) => input.a + input.b),
    append: t.procedure.input(z.string()).mutation(({ input }) => `${input}!`),
    fails: t.procedure.query(() => {
      throw new Error('on purpose')
    }),
    later: t.procedure.query(async function* () {
      yield 1
      yield 2
    }),
  })
  const { same } = serveBoth(createHTTPHandler({ router, basePath: '/trpc/' }))
  const batched = (base: string, fetch: Fetch) =>
    createTRPCClient<typeof router>({
      links: [httpBatchLink({ url: `${base}/trpc`, fetch: fetch as never })],
    })
  const streamed = (base: string, fetch: Fetch) =>
    createTRPCClient<typeof router>({
      links: [httpBatchStreamLink({ url: `${base}/trpc`, fetch: fetch as never })],
    })

  same('queries, in one batch', ({ base, fetch }) => {
    const client = batched(base, fetch)
    return Promise.all([client.add.query({ a: 1, b: 2 }), client.add.query({ a: 3, b: 4 })])
  })
  same('mutates', ({ base, fetch }) => batched(base, fetch).append.mutate('a'))
  same('tells of an error', ({ base, fetch }) =>
    batched(base, fetch)
      .fails.query()
      .catch(({ name, message, data }) => [name, message, data.httpStatus]),
  )
  same('streams', async ({ base, fetch }) => {
    const values: number[] = []
    for await (const value of await streamed(base, fetch).later.query()) values.push(value)
    return values
  })
})
