// A service that stops as docs/frameworks.md says, on SIGTERM or the message 'shutdown'. Arguments: framework, UDP port, its
// service, and the service that it calls for each request, or ''. As a worker of a cluster it leaves that to the cluster.
import cluster from 'node:cluster'
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type Sleuth } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'

const [framework, port, service, calls] = process.argv.slice(2) as [string, string, string, string]
const options = { service, interface: 'loopback', port: Number(port), timeout: 10_000 }

/** Takes so long that requests are in flight when the process is stopped. */
async function answer(sleuth: Sleuth): Promise<string> {
  if (cluster.isWorker) process.send?.('begun')
  await sleep(calls ? 200 : 50)
  if (!calls) return `${service} ${process.pid}`
  const { status, body } = await sleuth.request(`sleuth://${calls}/`, { method: 'POST' })
  return `${service} ${process.pid} ${status} ${body}`
}

interface Running {
  readonly server: Server
  readonly sleuth: Sleuth
  stop(): Promise<unknown>
}

const closed = (server: Server) => new Promise((resolve) => server.close(resolve))

const start: Record<string, () => Promise<Running>> = {
  async express() {
    const app = express()
    const join = expressSleuth(options)
    app.use(join)
    app.all('/', async (req, res) => void res.send(await answer(req.sleuth)))
    const server = app.listen(0, '127.0.0.1')
    const stop = async () => {
      await join.leave()
      await closed(server)
      await join.close()
    }
    return { server, sleuth: await join.ready, stop }
  },
  async koa() {
    const app = new Koa()
    const join = koaSleuth(options, app)
    app.use(join)
    app.use(async (ctx) => {
      ctx.body = await answer(ctx.sleuth)
    })
    const server = app.listen(0, '127.0.0.1')
    const stop = async () => {
      await join.leave()
      await closed(server)
      await join.close()
    }
    return { server, sleuth: await join.ready, stop }
  },
  async fastify() {
    const app = Fastify()
    await app.register(fastifySleuth, options)
    app.all('/', (request) => answer(request.sleuth))
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { server: app.server, sleuth: app.sleuth, stop: () => app.close() }
  },
  /** No HTTP at all. */
  async core() {
    const sleuth = await createSleuth({
      ...options,
      handler: async (_req, res) => res.end(await answer(sleuth)),
    })
    return { server: await listening(), sleuth, stop: () => sleuth.close() }
  },
}

/** Stands for whatever else the process has. */
async function listening(): Promise<Server> {
  const { createServer } = await import('node:net')
  return createServer().listen(0, '127.0.0.1').unref()
}

const { server, sleuth, stop } = await (start[framework] as () => Promise<Running>)()
if (!server.listening) await once(server, 'listening')
if (calls) await sleuth.waitFor(calls)
if (cluster.isPrimary) {
  process.once('SIGTERM', stop)
  process.on('message', async (message) => {
    if (message !== 'shutdown') return
    await stop()
    process.exit()
  })
}
process.send?.({ port: (server.address() as AddressInfo).port })
// A listener for messages holds the channel, and so the process.
process.channel?.unref()
