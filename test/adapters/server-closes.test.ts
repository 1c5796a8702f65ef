import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import type { Sleuth } from '@sleuth/core'
import type { AdapterOptions } from '@sleuth/core/adapter'
import expressSleuth from '@sleuth/express'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Koa from 'koa'
import { announced, caller, gone, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

/** Waits until the test lets it go on, and then calls. */
type Work = (own: Sleuth) => Promise<string>

interface App {
  readonly listener: RequestListener
  readonly sleuth: Sleuth
  readonly ready: () => Promise<Sleuth>
  close(): Promise<void>
}

const apps: Record<string, (options: AdapterOptions, work: Work) => App> = {
  express(options, work) {
    const join = expressSleuth(options)
    const app = express().use(join)
    app.get('/', async (req, res) => void res.send(await work(req.sleuth)))
    return { listener: app, sleuth: join.sleuth, ready: () => join.ready, close: () => join.close() }
  },
  koa(options, work) {
    const app = new Koa()
    const join = koaSleuth(options, app)
    app.use(join).use(async (ctx) => {
      ctx.body = await work(ctx.sleuth)
    })
    return {
      listener: app.callback(),
      sleuth: join.sleuth,
      ready: () => join.ready,
      close: () => join.close(),
    }
  },
}

/** A port that was free a moment ago, for a server that names its port. */
async function tcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await closed(server)
  return port
}

async function listen(app: App, port: number): Promise<Server> {
  const server = createServer(app.listener).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function over(server: Server): Promise<string> {
  const { port } = server.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text()
}

const closed = (server: Server) => new Promise((resolve) => server.close(resolve))

for (const [framework, make] of Object.entries(apps)) {
  describe(`a server of an app in ${framework}`, () => {
    test('that closes ends the service first, and its client after the last request', async () => {
      const other = apps.express?.({ ...on, service: `${framework}-other` }, async () => 'other') as App
      await other.ready()
      let begun = 0
      const steps = new EventEmitter()
      const [both, released] = [once(steps, 'both'), once(steps, 'release')]
      const app = make({ ...on, service: `${framework}-ends`, timeout: 10_000 }, async (own) => {
        begun += 1
        if (begun === 2) steps.emit('both')
        await released
        return String((await own.request(`sleuth://${framework}-other/`)).body)
      })
      const server = await listen(app, await tcpPort())
      const name = `${framework}-ends`
      await client.waitFor(name)
      await app.sleuth.waitFor(`${framework}-other`)
      const left = gone(name, client)
      const [plain, called] = [over(server), client.request(`sleuth://${name}/`)]
      await both
      const close = closed(server)
      assert.equal(await left, 'left')
      steps.emit('release')
      assert.equal(await plain, 'other')
      assert.equal(String((await called).body), 'other')
      await close
      await app.close()
      await assert.rejects(app.sleuth.request(`sleuth://${framework}-other/`), { code: 'SLEUTH_CLOSED' })
      await other.close()
    })

    test('at a port of the system closes, and the service stays', async () => {
      const name = `${framework}-stays`
      const app = make({ ...on, service: name }, async () => 'here')
      for (let request = 0; request < 3; request += 1) {
        const server = await listen(app, 0)
        assert.equal(await over(server), 'here')
        await closed(server)
      }
      assert.equal(await app.ready(), app.sleuth)
      await client.waitFor(name)
      assert.equal(String((await client.request(`sleuth://${name}/`)).body), 'here')
      await app.close()
    })

    test('that closes while another listens ends nothing', async () => {
      const name = `${framework}-two`
      const app = make({ ...on, service: name }, async () => 'here')
      const [first, second] = [await listen(app, await tcpPort()), await listen(app, await tcpPort())]
      await client.waitFor(name)
      await closed(first)
      await closed(first)
      assert.ok((await announced(on, client)).includes(name))
      const left = gone(name, client)
      await closed(second)
      assert.equal(await left, 'left')
      await app.close()
    })

    test('that closes during the join ends it', async () => {
      const name = `${framework}-brief`
      const app = make({ ...on, service: name }, async () => 'here')
      const server = createServer(app.listener).listen(await tcpPort(), '127.0.0.1')
      await once(server, 'listening')
      await closed(server)
      await app.close()
      assert.ok(!(await announced(on, client)).includes(name))
      const again = await listen(app, await tcpPort())
      await closed(again)
      assert.ok(!(await announced(on, client)).includes(name))
    })
  })
}
