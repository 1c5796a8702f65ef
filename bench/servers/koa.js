// A Koa app over HTTP and over sleuth. Argument: UDP port.
import sleuth from '@sleuth/koa'
import Koa from 'koa'
import { HOST, serve } from '../lib/echo.js'

const app = new Koa()
const middleware = sleuth({ service: 'echo', interface: 'loopback', port: Number(process.argv[2]) }, app)
app.use(middleware)
app.use(async (ctx) => {
  const chunks = []
  for await (const chunk of ctx.req) chunks.push(chunk)
  ctx.type = 'application/octet-stream'
  ctx.body = Buffer.concat(chunks)
})
const server = app.listen(0, HOST, async () => {
  await middleware.ready
  serve({ httpPort: server.address().port }, async () => {
    await middleware.close()
    server.close()
    server.closeAllConnections()
  })
})
