import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { Sleuth } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import honoSleuth from '@sleuth/hono'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import type { Framework } from '../harness/case.js'

/** What a route does with its request's own client; what it gives is the answer. */
export type Route = (own: Sleuth, req: IncomingMessage) => Promise<string>

export interface Options {
  service: string
  interface: string
  port: number
  timeout: number
}

export interface Front {
  /** Where it listens to HTTP, on 127.0.0.1. */
  readonly port: number
  close(): Promise<void>
}

/** An app with one route, at `/`, on HTTP and on sleuth. */
export const fronts: Record<Framework, (options: Options, route: Route) => Promise<Front>> = {
  /** The route is in a mounted app, so the request has changed its prototype on the way. */
  async express(options, route) {
    const middleware = expressSleuth(options)
    const inner = express().get('/', async (req, res) => void res.send(await route(req.sleuth, req)))
    const server = express().use(middleware).use(inner).listen(0, '127.0.0.1')
    await middleware.ready
    return front(server, () => middleware.close())
  },

  async koa(options, route) {
    const app = new Koa()
    app.silent = true
    const middleware = koaSleuth(options, app)
    app.use(middleware)
    app.use(async (ctx) => {
      ctx.body = await route(ctx.sleuth, ctx.req)
    })
    const server = app.listen(0, '127.0.0.1')
    await middleware.ready
    return front(server, () => middleware.close())
  },

  async hono(options, route) {
    const app = new Hono<{ Bindings: HttpBindings }>()
    const middleware = honoSleuth(options, app)
    app.use(middleware)
    app.get('/', async (c) => c.text(await route(c.var.sleuth, c.env.incoming)))
    const { fetch } = app
    const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server
    await middleware.ready
    return front(server.listen(0, '127.0.0.1'), () => middleware.close())
  },

  async fastify(options, route) {
    const app = Fastify({ forceCloseConnections: true })
    await app.register(fastifySleuth, options)
    app.get('/', (request) => route(request.sleuth, request.raw))
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
  },
}

async function front(server: Server, leave: () => Promise<void>): Promise<Front> {
  if (!server.listening) await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await leave()
      server.close().closeAllConnections()
    },
  }
}
