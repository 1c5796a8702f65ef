import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger, Sleuth, SleuthPeer, SleuthRequest } from '@sleuth/core'
import type { AdapterOptions } from '@sleuth/core/adapter'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'

/** An app that listens to HTTP as well. */
export interface Front {
  readonly port: number
  readonly sleuth: Sleuth
  close(): Promise<void>
}

/** Gets the peer from every place where a framework has it. */
type Seen = (...places: (SleuthPeer | undefined)[]) => void

const answer = (peer: SleuthPeer | undefined) => `from ${peer?.service ?? 'nobody'}`

/** An app in each framework whose one route, at `/`, says who called. */
export const fronts: Record<string, (options: AdapterOptions, seen: Seen) => Promise<Front>> = {
  async express(options, seen) {
    const middleware = expressSleuth(options)
    const app = express().use((req, _res, next) => {
      seen(req.sleuthPeer)
      next()
    })
    const inner = express().get('/', (req, res) => {
      seen(req.sleuthPeer)
      res.send(answer(req.sleuthPeer))
    })
    const server = app.use(middleware).use(inner).listen(0, '127.0.0.1')
    return front(server, await middleware.ready, () => middleware.close())
  },

  async koa(options, seen) {
    const app = new Koa()
    const middleware = koaSleuth(options, app)
    app.use(middleware)
    app.use((ctx) => {
      seen(ctx.sleuthPeer, (ctx.req as SleuthRequest).sleuthPeer)
      ctx.body = answer(ctx.sleuthPeer)
    })
    const server = app.listen(0, '127.0.0.1')
    return front(server, await middleware.ready, () => middleware.close())
  },

  async fastify(options, seen) {
    const app = Fastify({ forceCloseConnections: true })
    await app.register(fastifySleuth, options)
    app.get('/', async (request) => {
      seen(request.sleuthPeer, (request.raw as SleuthRequest).sleuthPeer)
      return answer(request.sleuthPeer)
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    return { port, sleuth: app.sleuth, close: () => app.close() }
  },
}

async function front(server: Server, sleuth: Sleuth, leave: () => Promise<void>): Promise<Front> {
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    sleuth,
    close: async () => {
      await leave()
      server.close().closeAllConnections()
    },
  }
}

/** A logger, and what resolves when it was told something. */
export function ears(): { logger: Logger; told(text: string): Promise<void> } {
  const lines: string[] = []
  const waiting = new Map<string, () => void>()
  const warn = (fields: object, message: string) => {
    const line = `${message} ${JSON.stringify(fields)}`
    lines.push(line)
    for (const [text, resolve] of waiting) if (line.includes(text)) resolve()
  }
  const silent = () => {}
  return {
    logger: { trace: silent, debug: silent, info: silent, warn, error: warn },
    told: (text) =>
      new Promise((resolve) => {
        if (lines.some((line) => line.includes(text))) resolve()
        else waiting.set(text, resolve)
      }),
  }
}
