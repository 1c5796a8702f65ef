import Fastify, { type FastifyInstance } from 'fastify'
import { bodies } from './bodies.js'
import { middleware } from './middleware.js'
import { own } from './own.js'
import { replies } from './replies.js'

/** The app that the contract is put to. `first` gets it before any route: sleuth's plugin goes there. */
export async function fastifyApp(
  site: string,
  first?: (app: FastifyInstance) => unknown,
): Promise<FastifyInstance> {
  const app = await fastifyAppWithoutNotFound(site, first)
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ missing: request.url, method: request.method })
  })
  return app
}

/** The same without a handler of its own for what is not found: Fastify takes one, and NestJS sets it. */
export async function fastifyAppWithoutNotFound(
  site: string,
  first?: (app: FastifyInstance) => unknown,
): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: 2 * 1024 * 1024, routerOptions: { ignoreDuplicateSlashes: false } })
  await first?.(app)
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    // Thrown on, an error goes to Fastify's own handler.
    if (request.url.startsWith('/default-handler')) throw error
    reply.code(error.statusCode ?? 500).send({ error: error.message, code: error.code })
  })
  await app.register(replies, { site })
  await app.register(bodies)
  await app.register(middleware)
  await app.register(own, { site })
  await app.register(mounted, { prefix: '/sub' })
  return app
}

/** A part of the app with a prefix, decorators and error handling of its own. */
async function mounted(sub: FastifyInstance): Promise<void> {
  sub.setErrorHandler((error: Error, _request, reply) => {
    reply.code(409).send({ inside: error.message })
  })
  sub.addHook('onSend', async (_request, reply) => {
    reply.header('x-sub', sub.prefix)
  })
  sub.get('/', async (request) => ({
    url: request.url,
    originalUrl: request.originalUrl,
    prefix: sub.prefix,
  }))
  sub.get('/things/:thing', async (request) => ({ params: request.params, route: request.routeOptions.url }))
  sub.get('/throw', async () => {
    throw new Error('inside')
  })
  await sub.register(async (deeper) => void deeper.get('/still', async () => deeper.prefix), {
    prefix: '/deeper',
  })
}
