import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { serve } from '@hono/node-server'
import { isSleuth } from '@sleuth/core/adapter'
import sleuth from '@sleuth/hono'
import { Hono } from 'hono'
import { caller, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

function hello(service: string) {
  const app = new Hono()
  const join = sleuth({ service, ...on, timeout: 10_000 }, app)
  app.use(join)
  app.get('/', (c) => c.json([isSleuth(c.var.sleuth), typeof c.var.sleuthPeer?.id]))
  app.get('/calls', async (c) => c.text(await (await c.var.sleuth.do('sleuth://hono-other/')).text()))
  return { app, join }
}

describe('Hono', { timeout: 30_000 }, () => {
  test('answers over sleuth and over HTTP, and calls others', async () => {
    const other = hello('hono-other')
    const { app, join } = hello('hono-one')
    await Promise.all([join.ready, other.join.ready])
    await client.waitFor(['hono-one', 'hono-other'], { timeout: 10_000 })
    await join.sleuth.waitFor('hono-other', { timeout: 10_000 })
    assert.deepEqual(await (await client.do('sleuth://hono-one/')).json(), [true, 'string'])
    assert.equal(await (await client.do('sleuth://hono-one/calls')).text(), '[true,"string"]')

    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/`)).json(), [true, 'undefined'])
    server.close()
    await other.join.close()
    await join.close()
  })

  test('works in a test of the app alone', async () => {
    const app = new Hono()
    const join = sleuth({ enabled: false }, app)
    app.use(join)
    app.get('/', (c) => c.json([isSleuth(c.var.sleuth), c.var.sleuthPeer ?? null]))
    assert.deepEqual(await (await app.request('/')).json(), [true, null])
    await join.close()
  })

  test('needs its app to offer a service', () => {
    assert.throws(() => sleuth('hono-lost'), { code: 'SLEUTH_NOT_MOUNTED' })
    assert.throws(() => sleuth('hono-lost', {} as never), { code: 'SLEUTH_ARGUMENT' })
  })
})
