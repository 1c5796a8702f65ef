import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { binary, boom, mebibyte, unicode } from '../content.js'
import type { Env } from './app.js'
import { headers } from './headers.js'
import { streams } from './streams.js'

/** Routes that need no body: what a request says, and every way of answering. */
export function replies(site: string): Hono<Env> {
  const app = new Hono<Env>()
  routing(app)
  plain(app)
  headers(app)
  failures(app)
  streams(app, site)
  for (const prefix of ['/static', '/dotfiles']) {
    const rewriteRequestPath = (path: string) => path.slice(prefix.length)
    app.use(`${prefix}/*`, serveStatic({ root: site, rewriteRequestPath, allowPercentInPath: true }))
  }
  return app
}

function routing(app: Hono<Env>): void {
  app.all('/method', (c) => c.text(c.req.method, 200, { 'x-method': c.req.method }))
  app.get('/users/:id', (c) => c.json({ id: c.req.param('id'), query: c.req.queries() }))
  app.get('/users/:id/books/:book', (c) => c.json(c.req.param()))
  app.get('/wild/*', (c) => c.json({ path: c.req.path, url: c.req.url }))
  app.get('/query', (c) => c.json(c.req.queries()))
  app.get('/headers', (c) => {
    const { host, connection, ...rest } = c.req.header()
    return c.json(rest)
  })
  app.get('/whoami', (c) => {
    const { method, url, signal, redirect, headers } = c.req.raw
    const { httpVersion, socket, aborted } = c.env.incoming
    const { remoteAddress, remoteFamily } = socket
    return c.json({
      ...{ method, url, aborted: signal.aborted, redirect, host: headers.get('host') },
      ...{ httpVersion, remoteAddress, remoteFamily, incomingAborted: aborted },
    })
  })
}

function plain(app: Hono<Env>): void {
  app.get('/', (c) => c.html('home'))
  app.get('/text', (c) => c.text('hello'))
  app.get('/html', (c) => c.html('<p>hello</p>'))
  app.get('/json', (c) => c.json({ hello: 'world', list: [1, 2, 3], none: null }))
  app.get('/unicode', (c) => c.text(unicode))
  app.get('/binary', (c) =>
    c.body(Uint8Array.from(binary), 200, { 'Content-Type': 'application/octet-stream' }),
  )
  app.get('/large', (c) => c.text(String(mebibyte)))
  app.get('/empty-string', (c) => c.text(''))
  app.get('/nothing', (c) => c.body(null, 204))
  app.get('/empty', (c) => c.body(null))
  app.get('/status/:code', (c) => {
    const status = Number(c.req.param('code'))
    const body = [204, 205, 304].includes(status) ? null : `code ${status}`
    return new Response(body, { status })
  })
  app.get('/phrase', () => new Response('a phrase of its own', { statusText: 'Quite Fine' }))
  app.get('/async', async (c) => {
    await new Promise((resolve) => setImmediate(resolve))
    return c.json({ waited: true })
  })
  app.get('/redirect', (c) => c.redirect('/text'))
  app.get('/redirect/:code', (c) =>
    c.redirect('https://example.test/a?b=c#d', Number(c.req.param('code')) as never),
  )
  app.get('/back', (c) => c.redirect(c.req.header('referer') ?? '/'))
}

function failures(app: Hono<Env>): void {
  app.get('/throw', () => {
    throw boom()
  })
  app.get('/reject', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    throw boom('later', { status: 503 })
  })
  app.get('/error/:status', (c) => {
    throw boom('asked for', { status: Number(c.req.param('status')) })
  })
  app.get('/after-head', (c) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('begun'))
      },
      // When what has begun was read: until then an error is answered with 500.
      pull(controller) {
        setTimeout(() => controller.error(boom('breaks off')), 10)
      },
    })
    return c.body(body, 200, { 'Content-Type': 'text/plain', 'Content-Length': '1000' })
  })
}
