/** How an app of each framework begins, joins, listens and closes. In the templates `NAME` is the name of the service. */
export interface Framework {
  readonly imports: readonly string[]
  readonly body: string
  readonly dependencies: Readonly<Record<string, string>>
  /** Types of the framework, for TypeScript. */
  readonly types: Readonly<Record<string, string>>
}

/** The end of an app whose framework leaves its server to us: `start` gives a server that begins to listen. */
const listeningBy = (start: string) => `  await join.ready
  let server: Server | undefined
  return {
    async listen(port: number) {
      server = ${start}
      await once(server, 'listening')
    },
    async close() {
      await join.leave()
      if (server) await new Promise((resolve) => server?.close(resolve))
      await join.close()
    },
  }`

export const frameworks: Readonly<Record<string, Framework>> = {
  fastify: {
    imports: ["import sleuth from '@sleuth/fastify'", "import Fastify from 'fastify'"],
    body: `  const app = Fastify()
  await app.register(sleuth, { service: 'NAME', ...options })
  app.get<{ Params: { name: string } }>('/hello/:name', (request) => ({ hello: request.params.name }))
  await app.ready()
  return {
    async listen(port: number) {
      await app.listen({ port, host: '0.0.0.0' })
    },
    async close() {
      await app.close()
    },
  }`,
    dependencies: { '@sleuth/fastify': 'SLEUTH', fastify: '^5.0.0' },
    types: {},
  },
  express: {
    imports: [
      "import { once } from 'node:events'",
      "import type { Server } from 'node:http'",
      "import sleuth from '@sleuth/express'",
      "import express from 'express'",
    ],
    body: `  const app = express()
  const join = sleuth({ service: 'NAME', ...options })
  app.use(join)
  app.get('/hello/:name', (req, res) => {
    res.json({ hello: req.params.name })
  })
${listeningBy('app.listen(port)')}`,
    dependencies: { '@sleuth/express': 'SLEUTH', express: '^5.0.0' },
    types: { '@types/express': '^5.0.0' },
  },
  koa: {
    imports: [
      "import { once } from 'node:events'",
      "import type { Server } from 'node:http'",
      "import sleuth from '@sleuth/koa'",
      "import Koa from 'koa'",
    ],
    body: `  const app = new Koa()
  const join = sleuth({ service: 'NAME', ...options }, app)
  app.use(join)
  app.use((ctx) => {
    const [, name] = /^\\/hello\\/([^/]+)$/.exec(ctx.path) ?? []
    if (name) ctx.body = { hello: decodeURIComponent(name) }
  })
${listeningBy('app.listen(port)')}`,
    dependencies: { '@sleuth/koa': 'SLEUTH', koa: '^3.0.0' },
    types: { '@types/koa': '^3.0.0' },
  },
  hono: {
    imports: [
      "import { once } from 'node:events'",
      "import type { Server } from 'node:http'",
      "import { serve } from '@hono/node-server'",
      "import sleuth from '@sleuth/hono'",
      "import { Hono } from 'hono'",
    ],
    body: `  const app = new Hono()
  const join = sleuth({ service: 'NAME', ...options }, app)
  app.use(join)
  app.get('/hello/:name', (c) => c.json({ hello: c.req.param('name') }))
${listeningBy('serve({ fetch: app.fetch, port }) as Server')}`,
    dependencies: { '@sleuth/hono': 'SLEUTH', hono: '^4.0.0', '@hono/node-server': '^2.0.0' },
    types: {},
  },
}
