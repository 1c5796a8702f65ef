import sleuth from '@sleuth/koa'
import Koa from 'koa'

const app = new Koa()
// @ts-expect-error a service is named by a string
sleuth({ service: 1 }, app)
// @ts-expect-error an option that there is not
sleuth({ servce: 'article-service' }, app)
// @ts-expect-error the app is the handler
sleuth({ service: 'article-service', handler: app.callback() }, app)
// @ts-expect-error not an app
sleuth({ service: 'article-service' }, {})
// @ts-expect-error keys without who else is let in
sleuth({ service: 'vault', security: { publicKey: '', secretKey: '' } }, app)
// @ts-expect-error over HTTP there is no peer
app.use((ctx) => ctx.sleuthPeer.id)
app.use(async (ctx) => {
  // @ts-expect-error a method that there is not
  await ctx.sleuth.dig('sleuth://comment-service/')
})
