import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { isSleuth } from '@sleuth/core/adapter'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import type express from 'express'
import type Fastify from 'fastify'
import type Koa from 'koa'
import { caller, gone, network } from './network.js'

const require = createRequire(import.meta.url)
const express4: typeof express = require('express-4')
const fastify4: typeof Fastify = require('fastify-4')
const Koa2: typeof Koa = require('koa-2')

const on = await network()
const client = await caller(on)
after(() => client.close())

async function called(service: string): Promise<string> {
  await client.waitFor(service)
  return String((await client.request(`sleuth://${service}/`)).body)
}

async function listening(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('Express 4', () => {
  test('joins when it listens, gives requests a client, and leaves', async () => {
    const app = express4()
    const join = expressSleuth({ ...on, service: 'express-4' })
    app.use(join)
    app.get('/', (req, res) => void res.send(`${isSleuth(req.sleuth)} ${typeof req.sleuthPeer}`))
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await called('express-4'), 'true object')
    assert.equal(await (await fetch(await listening(server))).text(), 'true undefined')
    server.close()
    const left = gone('express-4', client)
    await join.close()
    assert.ok(['left', 'stopped'].includes(await left))
  })

  test('gives a join that fails to next(err)', async () => {
    const app = express4().use(express4.Router().use(expressSleuth({ ...on, service: 'adrift' })))
    app.use(((error, _req, res, _next) => res.json(error.code)) satisfies express.ErrorRequestHandler)
    const server = app.listen(0, '127.0.0.1')
    assert.equal(await (await fetch(await listening(server))).json(), 'SLEUTH_NOT_MOUNTED')
    server.close()
  })
})

test('Koa 2 joins when it listens, gives requests a client, and leaves', async () => {
  const app = new Koa2()
  const join = koaSleuth({ ...on, service: 'koa-2' }, app)
  app.use(join).use((ctx) => {
    ctx.body = `${isSleuth(ctx.sleuth)} ${typeof ctx.sleuthPeer}`
  })
  const server = app.listen(0, '127.0.0.1')
  assert.equal(await called('koa-2'), 'true object')
  assert.equal(await (await fetch(await listening(server))).text(), 'true undefined')
  server.close()
  const left = gone('koa-2', client)
  await join.close()
  assert.ok(['left', 'stopped'].includes(await left))
})

describe('Fastify 4', () => {
  test('refuses the plugin', async () => {
    const app = fastify4()
    app.register(fastifySleuth, { ...on, service: 'fastify-4' })
    await assert.rejects(async () => await app.ready(), { code: 'FST_ERR_PLUGIN_VERSION_MISMATCH' })
  })

  test('has routes that are a service', async () => {
    const app = fastify4()
    app.get('/', async () => 'routed')
    await app.ready()
    const sleuth = await createSleuth({ ...on, service: 'fastify-4', handler: app.routing })
    assert.equal(await called('fastify-4'), 'routed')
    await sleuth.close()
    await app.close()
  })
})
