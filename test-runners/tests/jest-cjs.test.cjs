const { createSleuth } = require('@sleuth/core')
const { default: expressSleuth } = require('@sleuth/express')
const { installTestNetwork, mockService } = require('@sleuth/testing')
const Express = require('express')

test('an Express app in CommonJS calls a mock', async () => {
  const authors = await mockService('author-service', (request) => ({ path: new URL(request.url).pathname }))
  const app = Express()
  const middleware = expressSleuth('article-service')
  app.use(middleware).get('/', async (req, res) => {
    res.json(await (await req.sleuth.do('sleuth://author-service/authors/1')).json())
  })
  await middleware.ready
  const client = await createSleuth()
  const response = await client.do('sleuth://article-service/')
  expect(await response.json()).toEqual({ path: '/authors/1' })
  expect(authors.calls).toHaveLength(1)
  await installTestNetwork().close()
})
