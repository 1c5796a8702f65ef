const Koa = require('koa')
const { Router } = require('@koa/router')
const sleuth = require('@sleuth/koa')
const { routes } = require('./routes.cjs')

module.exports = async (options) => {
  const app = new Koa()
  app.silent = true
  globalThis.tool.errorsOf?.('koa', app)
  app.use(sleuth(options, app))
  app.use(async function named(_ctx, next) {
    await next()
  })
  const router = new Router()
  for (const [path, answer] of Object.entries(routes)) {
    router.get(path, async (ctx) => {
      ctx.body = await answer(ctx.params.id)
    })
  }
  app.use(router.routes())
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })
}
