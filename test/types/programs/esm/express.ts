import { createSleuth, generateKeys, type Sleuth, type SleuthPeer } from '@sleuth/core'
import sleuth, { sleuth as named, type SleuthMiddleware } from '@sleuth/express'
import express, { Router } from 'express'

const app = express()
app.use(sleuth('article-service'))
app.use(sleuth())
app.use(sleuth({ service: 'article-service', interface: 'loopback', filter: (req) => req.method === 'GET' }))
app.use(sleuth(await createSleuth()))
app.use('/below', express.json(), named({ enabled: false }))
Router().use(sleuth({ service: 'article-service', app }))

app.get('/', async (req, res) => {
  const response: Response = await req.sleuth.do('sleuth://comment-service/')
  res.json(await response.json())
})

app.get('/invoices', (req, res) => {
  const peer: SleuthPeer | undefined = req.sleuthPeer
  if (peer?.publicKey !== 'key') res.sendStatus(403)
})
app.use(sleuth({ service: 'vault', security: { ...generateKeys(), allow: ['key'] } }))

const middleware: SleuthMiddleware = sleuth('article-service')
app.use(middleware)
const joined: Sleuth = await middleware.ready
await middleware.join()
await middleware.leave()
await middleware.close()
app.use(sleuth({ service: 'article-service', onError: (error) => console.error(error.code, error.message) }))
export const own: Sleuth = middleware.sleuth ?? joined
