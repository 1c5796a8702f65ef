import { Readable } from 'node:stream'
import serve from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { boom } from '../content.js'

/** What only Fastify has: schemas, hooks, hijacked replies. */
export async function own(app: FastifyInstance, { site }: { site: string }): Promise<void> {
  await app.register(serve, { root: site, serve: false })
  app.get('/send-file', (_request, reply) => reply.sendFile('digits.txt'))
  // The plugin needs the root here, and its types do not know it.
  const inSite = { root: site } as object
  app.get('/download', (_request, reply) => reply.download('digits.txt', 'count.txt', inSite))
  schemas(app)
  byHand(app)
  await app.register(hooks)
}

function schemas(app: FastifyInstance): void {
  const body = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, age: { type: 'integer' } },
  }
  const answer = {
    200: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } },
  }
  app.post('/schema', { schema: { body, response: answer } }, async ({ body }) => ({
    ...(body as object),
    secret: 1,
  }))
  app.get(
    '/schema/:id',
    { schema: { params: { type: 'object', properties: { id: { type: 'integer' } } } } },
    async ({ params }) => params,
  )
  app.get(
    '/schema/query',
    { schema: { querystring: { type: 'object', properties: { n: { type: 'number' } } } } },
    async ({ query }) => query,
  )
}

function byHand(app: FastifyInstance): void {
  app.get('/hijacked', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(201, { 'Content-Type': 'text/plain' })
    reply.raw.end('hijacked')
  })
  app.get('/raw', (_request, reply) => {
    reply.raw.setHeader('X-Raw', 'yes')
    reply.raw.end('raw')
  })
  app.get('/hijacked/headers', (_request, reply) => {
    reply.header('x-of-reply', 'kept').hijack()
    reply.raw.writeHead(200, { ...(reply.getHeaders() as object) })
    reply.raw.end('with headers')
  })
  app.get(
    '/web/response',
    async () => new Response('a response', { status: 201, headers: { 'X-Of-Response': 'yes' } }),
  )
  app.get('/web/stream', (_request, reply) =>
    reply.type('text/plain').send(new Blob(['a web stream']).stream()),
  )
  app.get('/stream/failing', (_request, reply) => reply.type('text/plain').send(Readable.from(failing())))
  app.get('/early-hints', (_request, reply) => {
    reply.raw.writeEarlyHints({ link: '</style.css>; rel=preload' })
    reply.send('after hints')
  })
  app.get('/trailer', (_request, reply) => {
    reply.trailer('x-checksum', async () => 'abc')
    reply.send('with a trailer')
  })
  app.get('/constrained', { constraints: { host: 'other.example.test' } }, async () => 'for the other host')
  app.get('/versioned', { constraints: { version: '2.0.0' } }, async () => 'version 2')
  app.get('/not-found', (_request, reply) => reply.callNotFound())
  app.get('/max-param/:param', async ({ params }) => params)
}

async function hooks(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers['x-turn-away']) return reply.code(401).send({ turned: 'away' })
  })
  app.addHook('preSerialization', async (_request, _reply, payload) => ({ wrapped: payload }))
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header('x-on-send', typeof payload)
    return typeof payload === 'string' ? `${payload}\n` : payload
  })
  app.get('/hooked', async () => ({ hooked: true }))
  app.get('/hooked/removed', async (_request, reply) => reply.code(304).send())
  app.get('/hooked/error', async () => {
    throw boom('hooked')
  })
}

async function* failing(): AsyncGenerator<string> {
  yield 'begun'
  throw boom('in the middle')
}
