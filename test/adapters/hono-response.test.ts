// Runs in a process of its own: @hono/node-server replaces the global Request and Response.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { serve } from '@hono/node-server'
import sleuth from '@sleuth/hono'
import { Hono } from 'hono'
import { caller, network } from './network.js'

const on = await network()
const client = await caller(on)
const app = new Hono()
const join = sleuth({ service: 'hono', ...on }, app)
app.use(join)
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
await once(server, 'listening')
after(async () => {
  server.close()
  await client.close()
  await join.close()
})

const type = { 'content-type': 'text/own' }
const shared = new Response('shared', { headers: type })
const responses: Record<string, () => Response | Promise<Response>> = {
  text: () => new Response('text', { headers: type }),
  'text without a type': () => new Response('text'),
  bytes: () => new Response(new Uint8Array([0, 255]), { headers: type }),
  json: () => Response.json({ a: 1 }, { status: 201 }),
  empty: () => new Response('', { headers: type }),
  none: () => new Response(null, { status: 204 }),
  redirect: () => Response.redirect('http://hono/text', 302),
  cookies: () => {
    const headers = new Headers(type)
    for (const cookie of ['a=1', 'b=2']) headers.append('set-cookie', cookie)
    return new Response('cookies', { headers })
  },
  'a clone': () => new Response('text', { headers: type }).clone(),
  shared: () => shared,
}
for (const [index, make] of Object.values(responses).entries()) app.get(`/${index}`, make)
app.post('/echo', async (c) => c.text(await c.req.text()))
await join.ready
await client.waitFor('hono')

const { port } = server.address() as AddressInfo
const ways = {
  http: (path: string, init: RequestInit) =>
    fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init }),
  sleuth: (path: string, init: RequestInit) => client.do(`sleuth://hono${path}`, init as never),
}

async function seen(response: Response): Promise<unknown> {
  const ignored = ['date', 'connection', 'keep-alive', 'transfer-encoding']
  const headers = [...response.headers].filter(([name]) => !ignored.includes(name))
  return [response.status, headers, await response.text()]
}

describe('beside a server of @hono/node-server', { timeout: 30_000 }, () => {
  for (const [index, name] of Object.keys(responses).entries()) {
    for (const method of ['GET', 'HEAD']) {
      test(`a Response is the same over both ways, also a second time: ${name}, ${method}`, async () => {
        for (let time = 0; time < 2; time++) {
          const [http, over] = await Promise.all(
            Object.values(ways).map(async (ask) => seen(await ask(`/${index}`, { method }))),
          )
          assert.deepEqual(over, http)
        }
      })
    }
  }

  test('its Response is sent as it is, since to make a real one takes longer than a call', async () => {
    assert.notEqual(Object.getOwnPropertySymbols(shared).length, 0)
    const before = Object.getOwnPropertySymbols(shared)
    assert.equal(
      await (await client.do(`sleuth://hono/${Object.keys(responses).indexOf('shared')}`)).text(),
      'shared',
    )
    assert.deepEqual(Object.getOwnPropertySymbols(shared), before)
  })

  test('a body is read', async () => {
    for (const ask of Object.values(ways)) {
      assert.equal(await (await ask('/echo', { method: 'POST', body: 'body' })).text(), 'body')
    }
  })
})
