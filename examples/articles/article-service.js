// @ts-check
import sleuth from '@sleuth/fastify'
import Fastify from 'fastify'
import { running } from '../lifecycle.js'
import { network } from '../network.js'
import { articles } from './data.js'

const app = Fastify()
await app.register(sleuth, { service: 'article-service', ...network })

app.get('/articles/:id', async (request, reply) => {
  const params = /** @type {{ id: string }} */ (request.params)
  const article = articles.find(({ id }) => id === params.id)
  if (article === undefined) return reply.code(404).send({ error: 'no such article' })

  // At once when both are known. Just after the start that may take a moment.
  await request.sleuth.waitFor(['author-service', 'comment-service'], { timeout: 2_000 })

  // Both are asked at the same time. Neither URL names a host or a port.
  const [author, comments] = await Promise.all([
    request.sleuth.do(`sleuth://author-service/authors/${article.author}`),
    request.sleuth.do(`sleuth://comment-service/comments?article=${article.id}`),
  ])
  return { ...article, author: await author.json(), comments: await comments.json() }
})

const url = await app.listen({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' })

running({ service: 'article-service', framework: 'Fastify', url }, () => app.close())
