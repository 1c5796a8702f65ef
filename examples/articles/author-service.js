// @ts-check
import sleuth from '@sleuth/koa'
import Koa from 'koa'
import { listening, running, stopListening } from '../lifecycle.js'
import { network } from '../network.js'
import { authors } from './data.js'

const app = new Koa()
const join = sleuth({ service: 'author-service', ...network }, app)
app.use(join)

app.use((ctx) => {
  const [, id] = /^\/authors\/(\w+)$/.exec(ctx.path) ?? []
  const author = authors.find((author) => author.id === id)
  if (author === undefined) ctx.throw(404, 'no such author')
  ctx.body = author
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1')
const url = await listening(server)
await join.ready

running({ service: 'author-service', framework: 'Koa', url }, async () => {
  await join.leave()
  await stopListening(server)
  await join.close()
})
