import Router from '@koa/router'
import { createSleuth, generateKeys, type Sleuth, type SleuthPeer, type SleuthRequest } from '@sleuth/core'
import sleuth, { sleuth as named, type SleuthMiddleware } from '@sleuth/koa'
import Koa, { type Context, type Middleware } from 'koa'

const app = new Koa()
app.use(sleuth({ service: 'article-service', interface: 'loopback' }, app))
app.use(sleuth('article-service', app))
app.use(sleuth())
app.use(sleuth(await createSleuth()))
app.use(named({ enabled: false }))

app.use(async (ctx) => {
  const response: Response = await ctx.sleuth.do('sleuth://comment-service/')
  ctx.body = await response.json()
})

app.use((ctx) => {
  const peer: SleuthPeer | undefined = ctx.sleuthPeer
  const raw: SleuthRequest = ctx.req
  ctx.body = peer === raw.sleuthPeer
})
app.use(sleuth({ service: 'vault', security: { ...generateKeys(), allow: ['key'] } }, app))

const plain: Middleware = async (ctx, next) => {
  const own: Sleuth = ctx.sleuth
  await next()
  ctx.body = own.services()
}
const router = new Router().get('/', plain, async (ctx) => void (await ctx.sleuth.waitFor('other')))
app.use(router.routes())

// An app with a state and a context of its own.
const own = new Koa<{ user: string }, { db: object }>()
own.use(sleuth({ service: 'own' }, own))
own.use(async (ctx) => {
  ctx.body = [ctx.state.user, ctx.db, ctx.sleuth.stats()]
})

export function helper(ctx: Context): Sleuth {
  return ctx.sleuth
}

const middleware: SleuthMiddleware = sleuth('article-service', app)
export const joined: Sleuth = await middleware.ready
await middleware.join()
await middleware.leave()
await middleware.close()
