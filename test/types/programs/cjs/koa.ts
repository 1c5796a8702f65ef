import Koa = require('koa')
import sleuth = require('@sleuth/koa')

const app = new Koa()
app.use(sleuth({ service: 'article-service' }, app))
app.use(async (ctx) => {
  const response = await ctx.sleuth.do('sleuth://comment-service/')
  ctx.body = await response.json()
})
