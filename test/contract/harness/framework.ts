import type { AddressInfo } from 'node:net'
import http, { type RequestListener } from 'node:http'
import { expressApp } from '../apps/express/app.js'
import { fastifyApp } from '../apps/fastify/app.js'
import { koaApp } from '../apps/koa/app.js'
import { makeSite } from '../apps/content.js'
import type { Framework } from './case.js'
import { httpWire } from './http.js'
import type { Wire } from './wire.js'

/** The app under the contract, listening on 127.0.0.1. */
export interface Subject {
  readonly http: Wire
  readonly wires: readonly Wire[]
  close(): Promise<void>
}

export async function start(framework: Framework): Promise<Subject> {
  const site = await makeSite()
  const server = http.createServer(await listener(framework, site.root))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    http: httpWire(port, 'contract'),
    wires: [httpWire(port, 'contract', 'http again')],
    close: async () => {
      await new Promise((resolve) => server.close(resolve))
      await site.remove()
    },
  }
}

async function listener(framework: Framework, site: string): Promise<RequestListener> {
  if (framework === 'express') return expressApp(site)
  if (framework === 'koa') return koaApp(site).callback()
  const app = await fastifyApp(site)
  await app.ready()
  return app.routing
}
