import { Readable } from 'node:stream'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { deleteCookie, getCookie, getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import { clientHeader, text } from '../content.js'
import type { Env } from './app.js'
import { web } from './streams.js'

const secret = 'a secret'

/** Routes behind the middleware that Hono has. */
export function middleware(): Hono<Env> {
  const app = new Hono<Env>()
  app.route('/cookies', cookies())
  app.route('/compressed', compressed())
  app.get('/secured', secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"] } }), (c) =>
    c.text('secured'),
  )
  app.all('/cors', cors({ origin: 'https://app.example.test', credentials: true, maxAge: 600 }), (c) =>
    c.json({ allowed: true }),
  )
  const lines: [client: string | undefined, line: string][] = []
  app.get('/logged/:what', logged(lines), (c) => c.text(c.req.param('what')))
  app.get('/log', (c) => {
    return c.json(lines.filter(([of]) => of === c.req.header(clientHeader)).map(([, line]) => line))
  })
  return app
}

function cookies(): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/set', async (c) => {
    setCookie(c, 'plain', 'a b;c')
    await setSignedCookie(c, 'signed', 'yes', secret, { httpOnly: true, sameSite: 'Lax', maxAge: 0 })
    setCookie(c, 'object', '{"a":1}', { path: '/cookies', secure: true })
    return c.text('set')
  })
  app.get('/read', async (c) =>
    c.json({ plain: getCookie(c), signed: await getSignedCookie(c, secret, 'signed') }),
  )
  app.get('/clear', (c) => {
    deleteCookie(c, 'plain')
    return c.text('cleared')
  })
  return app
}

function compressed(): Hono<Env> {
  const app = new Hono<Env>()
  app.use(compress({ threshold: 100 }))
  app.get('/text', (c) => c.text(text))
  app.get('/small', (c) => c.text('small', 200, { 'Content-Length': '5' }))
  app.get('/stream', (c) => {
    const body = web(Readable.from([Buffer.from(text), Buffer.from(text)]))
    return c.body(body, 200, { 'Content-Type': 'text/plain' })
  })
  return app
}

/** A line for each request, handed out to the client that made it. */
function logged(lines: [client: string | undefined, line: string][]): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next()
    const { remote } = getConnInfo(c)
    lines.push([c.req.header(clientHeader), `${remote.address} ${c.req.method} ${c.req.url} ${c.res.status}`])
  }
}
