import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { boom } from '../content.js'
import { bodies } from './bodies.js'
import { middleware } from './middleware.js'
import { own } from './own.js'
import { replies } from './replies.js'

export interface Env {
  Bindings: HttpBindings
}

/** The app that the contract is put to. `first` gets it before any route: sleuth's middleware goes there. */
export function honoApp(site: string, first?: (app: Hono<Env>) => void): Hono<Env> {
  const app = new Hono<Env>()
  first?.(app)
  app.onError((error, c) => {
    // Thrown on, an error goes to what serves the app.
    if (c.req.path === '/unhandled') throw error
    const { status = 500 } = error as { status?: number }
    return c.json({ error: error.message }, status as never)
  })
  app.notFound((c) => c.json({ missing: c.req.path, method: c.req.method }, 404))
  for (const part of [replies(site), bodies(), middleware(), own(site)]) app.route('/', part)
  app.route('/sub', mounted())
  app.mount('/default-handler', leftToHono().fetch)
  return app
}

/** A part of the app with a path and error handling of its own. */
function mounted(): Hono<Env> {
  const sub = new Hono<Env>()
  sub.onError((error, c) => c.json({ inside: error.message }, 409))
  sub.use(async (c, next) => {
    await next()
    c.header('x-sub', 'yes')
  })
  sub.get('/', (c) => c.json({ path: c.req.path, url: c.req.url }))
  sub.get('/things/:thing', (c) => c.json({ thing: c.req.param('thing'), query: c.req.query() }))
  sub.get('/throw', () => {
    throw boom('inside')
  })
  return sub.route(
    '/deeper',
    new Hono<Env>().get('/still', (c) => c.text(c.req.path)),
  )
}

/** An app that has no error handler of its own. */
function leftToHono(): Hono {
  const app = new Hono()
  app.get('/', () => {
    throw new HTTPException(500, { message: 'unhandled' })
  })
  app.get('/:status', (c) => {
    const status = Number(c.req.param('status'))
    const res = new Response('unhandled', { status, headers: { 'X-From-Error': 'yes' } })
    throw new HTTPException(status as never, { res })
  })
  return app
}
