import { setTimeout as sleep } from 'node:timers/promises'
import Router from '@koa/router'
import type { SleuthOptions } from '@sleuth/core'
import sleuth from '@sleuth/koa'
import Koa from 'koa'
import * as routes from './routes.js'

export async function join(options: SleuthOptions, witness: routes.Witness): Promise<routes.Joined> {
  const app = new Koa()
  const middleware = sleuth(options, app)
  app.use(middleware)
  app.use((ctx, next) => {
    witness.saw(ctx.method, ctx.url)
    ctx.set('x-instance', witness.instance)
    return next()
  })

  const router = new Router()
  router.all('/echo', async (ctx) => {
    ctx.body = routes.echo(ctx.req, await routes.gather(ctx.req))
  })
  router.post('/bytes', async (ctx) => {
    ctx.body = await routes.gather(ctx.req)
  })
  router.get('/large', (ctx) => {
    ctx.body = routes.large(ctx.url)
  })
  router.get('/status/:code', (ctx) => {
    const status = Number(ctx.params.code)
    ctx.status = status
    ctx.set('location', routes.elsewhere)
    if (!routes.bodiless(status)) ctx.body = `status ${status}`
  })
  router.get('/headers', (ctx) => {
    ctx.set('set-cookie', routes.cookies)
    ctx.set('x-multi', routes.multi)
    ctx.body = 'headers'
  })
  router.head('/head', (ctx) => {
    ctx.status = 200
    ctx.set('x-length', routes.lengthOfHead)
  })
  router.get('/empty', (ctx) => {
    ctx.body = ''
  })
  router.get('/silent', (ctx) => {
    ctx.respond = false
  })
  router.get('/slow', async (ctx) => {
    await sleep(routes.delay(ctx.url))
    ctx.body = 'slow'
  })
  app.use(router.routes())
  await middleware.join()
  return middleware
}
