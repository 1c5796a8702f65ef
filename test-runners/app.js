import sleuth from '@sleuth/fastify'
import Fastify from 'fastify'

/** The app under test. It says nothing of a network. */
export async function createApp() {
  const app = Fastify()
  await app.register(sleuth, 'article-service')
  app.get('/articles', async (request) => {
    const response = await request.sleuth.do('sleuth://author-service/authors/1')
    return { title: 'Bears', author: await response.json() }
  })
  await app.ready()
  return app
}
