import { Readable } from 'node:stream'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { clientHeader, text } from '../content.js'

/** Routes behind the plugins that people use, each in a context of its own. */
export async function middleware(app: FastifyInstance): Promise<void> {
  await app.register(cookies, { prefix: '/cookies' })
  await app.register(compressed, { prefix: '/compressed' })
  await app.register(async (secured) => {
    await secured.register(helmet)
    secured.get('/secured', async () => 'secured')
  })
  await app.register(async (open) => {
    await open.register(cors, { origin: 'https://app.example.test', credentials: true, maxAge: 600 })
    open.get('/cors', async () => ({ allowed: true }))
  })
  await app.register(async (limited) => {
    await limited.register(rateLimit, {
      max: 2,
      timeWindow: 60_000,
      keyGenerator: (request) => String(request.headers[clientHeader]),
    })
    limited.get('/limited', async () => 'within the limit')
  })
  await app.register(logged)
}

async function cookies(app: FastifyInstance): Promise<void> {
  await app.register(cookie, { secret: 'a secret' })
  app.get('/set', async (_request, reply) => {
    reply.setCookie('plain', 'a b;c')
    reply.setCookie('signed', 'yes', { signed: true, httpOnly: true, sameSite: 'lax', maxAge: 0 })
    reply.setCookie('object', JSON.stringify({ a: 1 }), { path: '/cookies', secure: true })
    return 'set'
  })
  app.get('/read', async ({ cookies, unsignCookie }) => {
    return { plain: cookies, signed: cookies.signed && unsignCookie(cookies.signed).value }
  })
  app.get('/clear', async (_request, reply) => reply.clearCookie('plain').send('cleared'))
}

async function compressed(app: FastifyInstance): Promise<void> {
  await app.register(compress, { threshold: 100 })
  app.get('/text', async (_request, reply) => reply.type('text/plain').send(text))
  app.get('/small', async (_request, reply) => reply.type('text/plain').send('small'))
  app.get('/stream', async (_request, reply) => reply.type('text/plain').send(Readable.from([text, text])))
  app.post('/inflated', async ({ body }) => ({ got: body }))
}

/** A line for each request, handed out to the client that made it. */
async function logged(app: FastifyInstance): Promise<void> {
  const lines: [client: string, line: string][] = []
  const clientOf = (headers: Record<string, unknown>) => String(headers[clientHeader])
  app.get<{ Params: { what: string } }>('/logged/:what', {
    onResponse: async ({ ip, method, url, headers }, reply) => {
      lines.push([
        clientOf(headers),
        `${ip} ${method} ${url} ${reply.statusCode} ${reply.getHeader('content-length')}`,
      ])
    },
    handler: async ({ params }) => params.what,
  })
  app.get('/log', async ({ headers }) =>
    lines.filter(([of]) => of === clientOf(headers)).map(([, line]) => line),
  )
}
