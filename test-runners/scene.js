import express from '@sleuth/express'
import koa from '@sleuth/koa'
import { createTestNetwork, installTestNetwork, mockService } from '@sleuth/testing'
import Express from 'express'
import Koa from 'koa'
import { createApp } from './app.js'

/** What each runner runs: `test` and `equal` are its own. */
export function define(test, equal) {
  test('an app that names no network calls a mock', async () => {
    const authors = await mockService('author-service', {
      'GET /authors/:id': (_request, { id }) => ({ id }),
    })
    const app = await createApp()
    const client = await installTestNetwork().createSleuth()
    const answer = await client.do('sleuth://article-service/articles')
    equal(await answer.json(), { title: 'Bears', author: { id: '1' } })
    equal(
      authors.calls.map(({ method, url, caller }) => [method, url, caller]),
      [['GET', '/authors/1', 'article-service']],
    )
    await app.close()
    await installTestNetwork().close()
  })

  test('Express and Koa join the network that they are given', async () => {
    const network = createTestNetwork()
    const app = Express()
    const middleware = express({ service: 'express-service', network })
    app.use(middleware).get('/', async (req, res) => {
      res.send(`Express and ${await (await req.sleuth.do('sleuth://koa-service/')).text()}`)
    })
    const other = new Koa()
    const koaMiddleware = koa({ service: 'koa-service', network }, other)
    other.use(koaMiddleware).use((ctx) => {
      ctx.body = 'Koa'
    })
    await Promise.all([middleware.ready, koaMiddleware.ready])
    const client = await network.createSleuth()
    equal(await (await client.do('sleuth://express-service/')).text(), 'Express and Koa')
    await network.close()
  })

  test('time turns when it is told', async () => {
    const network = createTestNetwork({ clock: 'virtual' })
    await network.mockService('slow', () => new Promise((resolve) => setTimeout(resolve, 60_000, 'late')))
    const client = await network.createSleuth()
    const call = client.do('sleuth://slow/').catch((error) => error.code)
    await network.advance(600)
    equal(await call, 'SLEUTH_TIMEOUT')
    await network.close()
  })
}
