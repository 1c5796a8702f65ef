import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { createSleuth, type EmittedEvent, type SleuthOptions } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'
import { network } from './network.js'

type Listener = (event: EmittedEvent) => void

/** Apps that emit an event for each request, and subscribe before they have joined. Each resolves to where it listens. */
const apps = {
  async fastify(options: SleuthOptions, listener: Listener, t: TestContext) {
    const app = Fastify()
    await app.register(fastifySleuth, { ...options, service: 'app' })
    app.sleuth.subscribe('asked', listener)
    app.get('/', async (request) => String(await request.sleuth.emit('request.came', request.url)))
    await app.listen({ host: '127.0.0.1', port: 0 })
    t.after(() => app.close())
    return app.server
  },
  async express(options: SleuthOptions, listener: Listener, t: TestContext) {
    const middleware = expressSleuth({ ...options, service: 'app' })
    middleware.sleuth.subscribe('asked', listener)
    const app = express().use(middleware)
    app.get('/', async (req, res) => void res.send(String(await req.sleuth.emit('request.came', req.url))))
    const server = app.listen(0, '127.0.0.1')
    t.after(() => Promise.all([middleware.close(), server.close()]))
    return server
  },
  async koa(options: SleuthOptions, listener: Listener, t: TestContext) {
    const app = new Koa()
    const middleware = koaSleuth({ ...options, service: 'app' }, app)
    middleware.sleuth.subscribe('asked', listener)
    app.use(middleware)
    app.use(async (ctx) => {
      ctx.body = String(await ctx.sleuth.emit('request.came', ctx.url))
    })
    const server = app.listen(0, '127.0.0.1')
    t.after(() => Promise.all([middleware.close(), server.close()]))
    return server
  },
}

describe('events of an app', () => {
  for (const [framework, start] of Object.entries(apps)) {
    it(`carry the trace of the request, and come to what subscribed before it joined, in ${framework}`, async (t) => {
      const options = await network()
      const sleuth = await createSleuth(options)
      t.after(() => sleuth.close())
      const came = new Promise<EmittedEvent>((resolve) => sleuth.subscribe('request.*', resolve))
      let ask: Listener = () => {}
      const asked = new Promise<EmittedEvent>((resolve) => (ask = resolve))
      const server = await start(options, ask, t)
      if (!server.listening) await once(server, 'listening')
      assert.equal(await sleuth.emit('asked', 'what', { waitFor: 10_000 }), 1)
      assert.equal((await asked).data, 'what')
      const { port } = server.address() as AddressInfo
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { traceparent } })
      assert.equal(await response.text(), '1')
      const { topic, data, headers, source } = await came
      assert.deepEqual([topic, data, headers.traceparent], ['request.came', '/', traceparent])
      assert.equal(source.service, 'app')
    })
  }
})
