import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import compose from 'koa-compose'

/** An app of its own, mounted as koa-mount does it: its middleware, composed, under a prefix. */
export function mounted(): Middleware {
  const sub = new Koa()
  const router = new Router({ prefix: '/sub' })
  router.get('/', (ctx) => {
    ctx.body = { url: ctx.url, originalUrl: ctx.originalUrl }
  })
  router.get('/things/:thing', (ctx) => {
    ctx.body = { thing: ctx.params.thing, path: ctx.path, matched: ctx.routerPath ?? ctx._matchedRoute }
  })
  router.get('/throw', (ctx) => ctx.throw(409, 'inside'))
  const deeper = new Router().get('/still', (ctx) => {
    ctx.body = '/sub/deeper'
  })
  router.use('/deeper', deeper.routes())
  sub.use(router.routes())
  sub.use(router.allowedMethods())
  // Koa's own, which its types leave out.
  return compose(sub.middleware)
}
