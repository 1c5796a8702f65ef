import { setTimeout as sleep } from 'node:timers/promises'
import type { SleuthOptions } from '@sleuth/core'
import sleuth from '@sleuth/express'
import express from 'express'
import * as routes from './routes.js'

export async function join(options: SleuthOptions, witness: routes.Witness): Promise<routes.Joined> {
  const app = express()
  const middleware = sleuth(options)
  app.use(middleware)
  app.use((req, res, next) => {
    witness.saw(req.method, req.originalUrl)
    res.setHeader('x-instance', witness.instance)
    next()
  })
  app.use(express.raw({ type: () => true, limit: '2mb' }))

  app.all('/echo', (req, res) => void res.json(routes.echo(req, bytes(req.body))))
  app.post('/bytes', (req, res) => void res.send(bytes(req.body)))
  app.get('/large', (req, res) => void res.send(routes.large(req.url)))
  app.get('/status/:code', (req, res) => {
    const status = Number(req.params.code)
    res.status(status).set('location', routes.elsewhere)
    if (routes.bodiless(status)) res.end()
    else res.send(`status ${status}`)
  })
  app.get('/headers', (_req, res) => {
    res.setHeader('set-cookie', routes.cookies)
    res.setHeader('x-multi', routes.multi)
    res.send('headers')
  })
  app.head('/head', (_req, res) => void res.set('x-length', routes.lengthOfHead).end())
  app.get('/empty', (_req, res) => void res.end())
  app.get('/silent', () => {})
  app.get('/slow', async (req, res) => {
    await sleep(routes.delay(req.url))
    res.send('slow')
  })
  await middleware.join()
  return middleware
}

function bytes(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}
