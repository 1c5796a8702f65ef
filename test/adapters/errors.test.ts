import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { createSleuth } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'
import { network } from './network.js'

const call = 'sleuth://nobody-offers-this/'

/** Apps that leave the error of a call to their framework. Each resolves to where it listens. */
const apps = {
  async fastify(sleuth: Awaited<ReturnType<typeof createSleuth>>) {
    const app = Fastify()
    await app.register(fastifySleuth, sleuth)
    app.get('/', (request) => request.sleuth.do(call))
    await app.listen({ host: '127.0.0.1', port: 0 })
    return app.server
  },
  async express(sleuth: Awaited<ReturnType<typeof createSleuth>>) {
    const app = express().set('env', 'test').use(expressSleuth(sleuth))
    app.get('/', async (req) => void (await req.sleuth.do(call)))
    return app.listen(0, '127.0.0.1')
  },
  async koa(sleuth: Awaited<ReturnType<typeof createSleuth>>) {
    const app = new Koa()
    app.silent = true
    app.use(koaSleuth(sleuth))
    app.use((ctx) => ctx.sleuth.do(call))
    return app.listen(0, '127.0.0.1')
  },
}

describe('the error of a call that nobody catches', () => {
  for (const [framework, start] of Object.entries(apps)) {
    it(`is answered with its statusCode by ${framework}`, async (t) => {
      const sleuth = await createSleuth(await network())
      t.after(() => sleuth.close())
      const server = await start(sleuth)
      t.after(() => server.close())
      if (!server.listening) await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const response = await fetch(`http://127.0.0.1:${port}/`)
      await response.body?.cancel()
      assert.equal(response.status, 503)
    })
  }
})

it('under require a package is the adapter, and so is its default', () => {
  const require = createRequire(import.meta.url)
  for (const name of ['express', 'fastify', 'koa']) {
    const adapter = require(`@sleuth/${name}`)
    assert.equal(typeof adapter, 'function')
    assert.equal(adapter.default, adapter)
  }
})
