import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import Router from '@koa/router'
import type { Middleware } from 'koa'
import serve from 'koa-static'
import { binary, boom, mebibyte, text, unicode } from '../content.js'
import type { Part } from './part.js'

/** Routes that need no body: what a request says, and every way of answering. */
export function replies(site: string): Part[] {
  const router = new Router()
  routing(router)
  plain(router)
  headers(router)
  failures(router)
  streams(router, site)
  return [
    under('/static', serve(site, { maxage: 60_000 })),
    under('/dotfiles', serve(site, { hidden: true })),
    router.routes(),
  ]
}

/** koa-static serves from the root: what koa-mount does, for one prefix. */
function under(prefix: string, middleware: Middleware): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== prefix && !ctx.path.startsWith(`${prefix}/`)) return next()
    const { path } = ctx
    ctx.path = path.slice(prefix.length) || '/'
    await middleware(ctx, async () => {
      ctx.path = path
      await next()
    })
    ctx.path = path
  }
}

function routing(router: Router): void {
  router.all('/method', (ctx) => {
    ctx.set('x-method', ctx.method)
    ctx.body = ctx.method
  })
  router.get('/users/:id', (ctx) => {
    ctx.body = { id: ctx.params.id, query: ctx.query }
  })
  router.get('/users/:id/books/:book', (ctx) => {
    ctx.body = ctx.params
  })
  router.get('/wild/*rest', (ctx) => {
    ctx.body = { rest: ctx.params.rest, url: ctx.url }
  })
  router.get('/query', (ctx) => {
    ctx.body = ctx.query
  })
  router.get('/headers', (ctx) => {
    const { host, connection, ...rest } = ctx.headers
    ctx.body = rest
  })
  router.get('/whoami', (ctx) => {
    ctx.body = {
      ip: ctx.ip,
      ips: ctx.ips,
      host: ctx.host,
      hostname: ctx.hostname,
      protocol: ctx.protocol,
      secure: ctx.secure,
      origin: ctx.origin,
      href: ctx.href,
      subdomains: ctx.subdomains,
      url: ctx.URL,
      httpVersion: ctx.req.httpVersion,
      remoteAddress: ctx.socket.remoteAddress,
      remoteFamily: ctx.socket.remoteFamily,
      aborted: ctx.req.aborted,
      accepts: ctx.accepts('json', 'html'),
      languages: ctx.acceptsLanguages('de', 'en'),
      idempotent: ctx.idempotent,
      writable: ctx.writable,
    }
  })
}

function plain(router: Router): void {
  const answers: Record<string, [type: string, body: unknown]> = {
    '/': ['text/html', 'home'],
    '/text': ['text/plain', 'hello'],
    '/html': ['text/html', '<p>hello</p>'],
    '/json': ['application/json', { hello: 'world', list: [1, 2, 3], none: null }],
    '/unicode': ['text/plain', unicode],
    '/binary': ['application/octet-stream', binary],
    '/large': ['text/plain', mebibyte],
    '/empty-string': ['text/plain', ''],
  }
  for (const [path, [type, body]] of Object.entries(answers)) {
    router.get(path, (ctx) => {
      ctx.type = type
      ctx.body = body
    })
  }
  router.get('/nothing', (ctx) => {
    ctx.status = 204
  })
  router.get('/empty', (ctx) => {
    ctx.status = 200
    ctx.body = null
    ctx.status = 200
  })
  router.get('/status/:code', (ctx) => {
    ctx.status = Number(ctx.params.code)
    ctx.body = `code ${ctx.params.code}`
  })
  router.get('/phrase', (ctx) => {
    ctx.status = 200
    ctx.message = 'Quite Fine'
    ctx.body = 'a phrase of its own'
  })
  router.get('/async', async (ctx) => {
    await turn()
    ctx.body = { waited: true }
  })
  router.get('/redirect', (ctx) => ctx.redirect('/text'))
  router.get('/redirect/:code', (ctx) => {
    ctx.status = Number(ctx.params.code)
    ctx.redirect('https://example.test/a?b=c#d')
  })
  router.get('/back', (ctx) => ctx.back('/'))
}

function headers(router: Router): void {
  router.get('/many-headers', (ctx) => {
    ctx.append('X-Many', 'one')
    ctx.append('X-Many', 'two')
    ctx.set({ Link: ['<a>; rel=next', '<b>; rel=last'], 'X-Empty': '', 'X-Case-Kept': 'Yes' })
    ctx.vary('Accept')
    ctx.vary('Origin')
    ctx.body = 'many'
  })
  router.get('/etag', (ctx) => {
    ctx.body = { tagged: true }
    ctx.etag = 'W/"of-koa"'
    if (ctx.fresh) ctx.status = 304
  })
  router.get('/own-etag', (ctx) => {
    ctx.body = 'tagged'
    ctx.etag = 'mine'
    if (ctx.fresh) ctx.status = 304
  })
  router.get('/modified', (ctx) => {
    ctx.body = 'modified'
    ctx.lastModified = new Date('2015-10-21T07:28:00Z')
    if (ctx.fresh) ctx.status = 304
  })
}

function failures(router: Router): void {
  router.get('/throw', () => {
    throw boom()
  })
  router.get('/reject', async () => {
    await turn()
    throw boom('later', { status: 503 })
  })
  router.get('/error/:status', (ctx) => {
    throw boom('asked for', { status: Number(ctx.params.status) })
  })
  router.get('/default-handler', () => {
    throw boom('unhandled')
  })
  router.get('/default-handler/:status', (ctx) => {
    ctx.throw(Number(ctx.params.status), 'unhandled', { headers: { 'X-From-Error': 'yes' }, expose: true })
  })
  router.get('/after-head', (ctx) => {
    ctx.respond = false
    ctx.res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 1000 })
    ctx.res.write('begun')
    setImmediate(() => ctx.res.destroy())
  })
}

function streams(router: Router, site: string): void {
  router.get('/stream/chunks', (ctx) => {
    ctx.type = 'text/plain'
    ctx.body = Readable.from(slowly(['one,', 'two,', 'three']))
  })
  router.get('/stream/flushed', (ctx) => {
    const events = new PassThrough()
    ctx.type = 'text/event-stream'
    ctx.body = events
    ctx.flushHeaders()
    events.write('data: 1\n\n')
    setImmediate(() => events.end('data: 2\n\n'))
  })
  router.get('/stream/known-length', (ctx) => {
    ctx.type = 'text/plain'
    ctx.body = Readable.from(['01234', '56789'])
    ctx.length = 10
  })
  router.get('/stream/file', (ctx) => {
    ctx.type = 'txt'
    ctx.body = createReadStream(join(site, 'digits.txt'))
  })
  router.get('/stream/large', (ctx) => {
    ctx.body = createReadStream(join(site, 'big.bin'))
  })
  router.get('/stream/text', (ctx) => {
    ctx.type = 'txt'
    ctx.body = Readable.from([text.slice(0, 99), text.slice(99)])
  })
}

async function* slowly(chunks: string[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    yield chunk
    await turn()
  }
}
