import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import serve from '@fastify/static'
import type { FastifyInstance, FastifyReply, HTTPMethods } from 'fastify'
import { binary, boom, mebibyte, text, unicode } from '../content.js'

/** Routes that need no body: what a request says, and every way of answering. */
export async function replies(app: FastifyInstance, { site }: { site: string }): Promise<void> {
  routing(app)
  plain(app)
  headers(app)
  failures(app)
  streams(app, site)
  await app.register(serve, {
    root: site,
    prefix: '/static',
    redirect: true,
    maxAge: 60_000,
    dotfiles: 'ignore',
    decorateReply: false,
  })
  await app.register(serve, {
    root: site,
    prefix: '/dotfiles/',
    dotfiles: 'allow',
    index: false,
    decorateReply: false,
  })
}

function routing(app: FastifyInstance): void {
  const method = app.supportedMethods.filter((name) => name !== 'HEAD') as HTTPMethods[]
  app.route({
    method,
    url: '/method',
    handler: async (request, reply) => {
      reply.header('x-method', request.method).type('text/plain')
      return request.method
    },
  })
  app.get<{ Params: { id: string } }>('/users/:id', async ({ params, query }) => ({ id: params.id, query }))
  app.get('/users/:id/books/:book', async (request) => request.params)
  app.get('/wild/*', async ({ params, url }) => ({ params, url }))
  app.get('/query', async (request) => request.query)
  app.get('/headers', async (request) => {
    const { host, connection, ...rest } = request.headers
    return rest
  })
  app.get('/whoami', async (request) => ({
    ip: request.ip,
    ips: request.ips,
    host: request.host,
    hostname: request.hostname,
    protocol: request.protocol,
    url: request.url,
    originalUrl: request.originalUrl,
    is404: request.is404,
    httpVersion: request.raw.httpVersion,
    remoteAddress: request.socket.remoteAddress,
    remoteFamily: request.socket.remoteFamily,
    aborted: request.raw.aborted,
  }))
}

function plain(app: FastifyInstance): void {
  const answer = (path: string, type: string, body: unknown) => {
    app.get(path, async (_request, reply) => reply.type(type).send(body))
  }
  answer('/', 'text/html', 'home')
  answer('/text', 'text/plain', 'hello')
  answer('/html', 'text/html', '<p>hello</p>')
  answer('/json', 'application/json', { hello: 'world', list: [1, 2, 3], none: null })
  answer('/unicode', 'text/plain', unicode)
  answer('/binary', 'application/octet-stream', binary)
  answer('/large', 'text/plain', mebibyte)
  answer('/empty-string', 'text/plain', '')
  app.get('/nothing', async (_request, reply) => reply.code(204).send())
  app.get('/empty', async (_request, reply) => reply.send())
  app.get<{ Params: { code: string } }>('/status/:code', async ({ params }, reply) => {
    return reply.code(Number(params.code)).send(`code ${params.code}`)
  })
  app.get('/phrase', async (_request, reply) => {
    reply.raw.statusMessage = 'Quite Fine'
    return 'a phrase of its own'
  })
  app.get('/async', async () => {
    await turn()
    return { waited: true }
  })
  app.get('/redirect', async (_request, reply) => reply.redirect('/text'))
  app.get<{ Params: { code: string } }>('/redirect/:code', async ({ params }, reply) => {
    return reply.redirect('https://example.test/a?b=c#d', Number(params.code))
  })
  app.get('/back', async (request, reply) => reply.redirect(request.headers.referer ?? '/'))
}

function headers(app: FastifyInstance): void {
  app.get('/many-headers', async (_request, reply) => {
    reply.header('X-Many', ['one', 'two']).header('Link', ['<a>; rel=next', '<b>; rel=last'])
    reply.header('X-Empty', '').header('X-Case-Kept', 'Yes').header('Vary', 'Accept, Origin')
    return 'many'
  })
  app.get('/etag', async (request, reply) =>
    tagged(reply, 'W/"of-fastify"', request.headers['if-none-match']),
  )
  app.get('/own-etag', async (request, reply) => tagged(reply, '"mine"', request.headers['if-none-match']))
  app.get('/modified', async (request, reply) => {
    const modified = 'Wed, 21 Oct 2015 07:28:00 GMT'
    reply.header('last-modified', modified)
    return request.headers['if-modified-since'] === modified ? reply.code(304).send() : 'modified'
  })
}

function tagged(reply: FastifyReply, tag: string, known: string | undefined): unknown {
  reply.header('etag', tag)
  return known?.includes(tag) || known === '*' ? reply.code(304).send() : { tagged: true }
}

function failures(app: FastifyInstance): void {
  app.get('/throw', () => {
    throw boom()
  })
  app.get('/reject', async () => {
    await turn()
    throw boom('later', { statusCode: 503 })
  })
  app.get<{ Params: { status: string } }>('/error/:status', async ({ params }) => {
    throw boom('asked for', { statusCode: Number(params.status) })
  })
  app.get('/default-handler', async () => {
    throw boom('unhandled')
  })
  app.get<{ Params: { status: string } }>('/default-handler/:status', async ({ params }) => {
    throw boom('unhandled', { statusCode: Number(params.status), headers: { 'X-From-Error': 'yes' } })
  })
  app.get('/after-head', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 1000 })
    reply.raw.write('begun')
    setImmediate(() => reply.raw.destroy())
  })
}

function streams(app: FastifyInstance, site: string): void {
  app.get('/stream/chunks', async (_request, reply) => {
    return reply.type('text/plain').send(Readable.from(slowly(['one,', 'two,', 'three'])))
  })
  app.get('/stream/flushed', (_request, reply) => {
    reply.hijack()
    reply.raw.setHeader('Content-Type', 'text/event-stream')
    reply.raw.flushHeaders()
    setImmediate(() => {
      reply.raw.write('data: 1\n\n')
      reply.raw.end('data: 2\n\n')
    })
  })
  app.get('/stream/known-length', async (_request, reply) => {
    return reply
      .header('content-length', 10)
      .type('text/plain')
      .send(Readable.from(['01234', '56789']))
  })
  app.get('/stream/file', async (_request, reply) => {
    return reply.type('text/plain').send(createReadStream(join(site, 'digits.txt')))
  })
  app.get('/stream/large', async (_request, reply) => reply.send(createReadStream(join(site, 'big.bin'))))
  app.get('/stream/text', async (_request, reply) => {
    return reply.type('text/plain').send(Readable.from([text.slice(0, 99), text.slice(99)]))
  })
}

async function* slowly(chunks: string[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    yield chunk
    await turn()
  }
}
