import Fastify = require('fastify')
import sleuth = require('@sleuth/fastify')

async function main(): Promise<void> {
  const app = Fastify()
  await app.register(sleuth, 'article-service')
  app.get('/', async (request) => (await request.sleuth.do('sleuth://comment-service/')).json())
  await app.close()
}

void main()
