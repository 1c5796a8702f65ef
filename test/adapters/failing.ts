// An app whose join fails, by SLEUTH_INTERFACE. Arguments: framework, and who is told of it.
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AdapterOptions } from '@sleuth/core/adapter'
import expressSleuth, { type SleuthMiddleware as ExpressMiddleware } from '@sleuth/express'
import koaSleuth, { type SleuthMiddleware as KoaMiddleware } from '@sleuth/koa'
import express from 'express'
import Koa from 'koa'

const [framework, how] = process.argv.slice(2)
const options: AdapterOptions = {
  ...(how !== 'client-only' && { service: 'fails' }),
  ...(how === 'on-error' && { onError: () => {} }),
}

function make(): {
  app: express.Express | Koa
  listener: RequestListener
  joined: ExpressMiddleware | KoaMiddleware
} {
  if (framework === 'express') {
    const joined = expressSleuth(options)
    const app = express().set('env', 'test').use(joined)
    return { app, listener: app, joined }
  }
  const app = new Koa()
  app.silent = true
  const joined = koaSleuth(options, app)
  app.use(joined)
  return { app, listener: app.callback(), joined }
}

const { app, listener, joined } = make()
// What keeps a process alive that nothing ends.
const server = how === 'listen' ? app.listen(0, '127.0.0.1') : http.createServer(listener)
if (how === 'request') {
  http
    .createServer((req, res) => listener(req, res))
    .listen(0, '127.0.0.1', async function (this: http.Server) {
      await fetch(`http://127.0.0.1:${(this.address() as AddressInfo).port}/`)
    })
} else {
  if (how !== 'listen') server.listen(0, '127.0.0.1')
  if (!server.listening) await once(server, 'listening')
}
if (how === 'ready') await joined.ready.catch(() => server.close())
if (how === 'on-error') {
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  server.close().closeAllConnections()
}
