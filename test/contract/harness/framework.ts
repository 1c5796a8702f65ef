import 'reflect-metadata'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Module } from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { createSleuth, type FetchHandler, generateKeys, type Security, serve } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import honoSleuth from '@sleuth/hono'
import koaSleuth from '@sleuth/koa'
import { SleuthModule } from '@sleuth/nest'
import nodeSleuth from '@sleuth/node'
import { freePort } from '../../hosts/port.js'
import { makeSite } from '../apps/content.js'
import { expressApp } from '../apps/express/app.js'
import { fastifyApp, fastifyAppWithoutNotFound } from '../apps/fastify/app.js'
import { honoApp } from '../apps/hono/app.js'
import { koaApp } from '../apps/koa/app.js'
import type { Framework } from './case.js'
import { httpWire } from './http.js'
import { sleuthWires } from './sleuth.js'
import type { Wire } from './wire.js'

const service = 'contract'

/** How the clients of a closed network call. */
const by = [', with keys by TLS', ', with keys by ZeroMQ']

/** What makes an app a service: the adapter of its framework, or what the app is put into. */
export type Host = Framework | 'node' | 'nest-express' | 'nest-fastify' | 'fetch'

/** The app under the contract: on HTTP at 127.0.0.1, and on a sleuth network of this process. */
export interface Subject {
  readonly http: Wire
  /** What is held against real HTTP; first HTTP itself, which proves that the cases are fit to compare. */
  readonly wires: readonly Wire[]
  close(): Promise<void>
}

/** Hosts that are asked over both wires wherever the contract runs. */
const always = new Set<Host>(['node', 'fetch'])

/**
 * Under another version of Node the first wire shows nothing more of a framework than the second: it hands the same objects of
 * Node to it (scripts/other-nodes.js).
 */
function wiresTo(host: Host): readonly (1 | 2)[] {
  return process.env.SLEUTH_CONTRACT_WIRES === 'newest' && !always.has(host) ? [2] : [1, 2]
}

/** `keys`: on a network that is closed, by an encrypted connection for the calls and without one. */
export async function start(
  framework: Framework,
  host: Host = framework,
  { keys = false } = {},
): Promise<Subject> {
  const network = { interface: 'loopback', port: await freePort(), ...(keys && closed()) }
  const site = await makeSite()
  const app = await starters[host](site.root, { ...network, service })
  const ways = keys ? [{}, { direct: false }] : wiresTo(host).map((wire) => ({ wire }))
  const clients = await Promise.all(ways.map((way) => createSleuth({ ...network, ...way, timeout: 10_000 })))
  await Promise.all(clients.map((client) => client.waitFor(service)))
  return {
    http: httpWire(app.port, service),
    wires: [
      httpWire(app.port, service, 'HTTP again'),
      ...clients.flatMap((client, at) => sleuthWires(client, service, keys ? by[at] : '')),
    ],
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await app.close()
      await site.remove()
    },
  }
}

/** All have the same keys. */
function closed(): { security: Security } {
  const keys = generateKeys()
  return { security: { ...keys, allow: [keys.publicKey] } }
}

interface Options {
  service: string
  interface: string
  port: number
  security?: Security
}

interface Running {
  readonly port: number
  close(): Promise<void>
}

const starters: Record<Host, (site: string, options: Options) => Promise<Running>> = {
  async express(site, options) {
    const middleware = expressSleuth(options)
    const server = expressApp(site, middleware).listen(0, '127.0.0.1')
    await middleware.ready
    return running(server, () => middleware.close())
  },

  async koa(site, options) {
    let leave = async (): Promise<void> => {}
    const app = koaApp(site, (koa) => {
      const middleware = koaSleuth(options, koa)
      leave = () => middleware.close()
      koa.use(middleware)
    })
    return running(app.listen(0, '127.0.0.1'), () => leave())
  },

  async fastify(site, options) {
    const app = await fastifyApp(site, (fastify) => fastify.register(fastifySleuth, options))
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
  },

  async hono(site, options) {
    const joined: { middleware?: ReturnType<typeof honoSleuth> } = {}
    const app = honoApp(site, (hono) => {
      joined.middleware = honoSleuth(options, hono)
      hono.use(joined.middleware)
    })
    await joined.middleware?.ready
    const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
    return running(server.listen(0, '127.0.0.1'), async () => joined.middleware?.close())
  },

  /** A handler of `Request` alone, which knows nothing of sleuth. */
  async fetch(site, options) {
    const listener = serve(honoApp(site).fetch as FetchHandler)
    const sleuth = await createSleuth({ ...options, handler: listener })
    return running(createServer(listener).listen(0, '127.0.0.1'), () => sleuth.close())
  },

  async node(site, options) {
    const server = createServer(expressApp(site))
    const joined = nodeSleuth(server, options)
    return running(server.listen(0, '127.0.0.1'), () => joined.close())
  },

  'nest-express': (site, options) => nest(new ExpressAdapter(expressApp(site)), options),

  'nest-fastify': async (site, options) => {
    const app = await fastifyAppWithoutNotFound(site)
    return nest(new FastifyAdapter(app as never) as never, options)
  },
}

/** The routes are the app's own: Nest adds the module that makes it a service. */
async function nest(adapter: AbstractHttpAdapter, options: Options): Promise<Running> {
  class App {}
  Module({ imports: [SleuthModule.forRoot(options)] })(App)
  const app = await NestFactory.create(App, adapter, { logger: false, bodyParser: false })
  await app.listen(0, '127.0.0.1')
  return { port: (app.getHttpServer().address() as AddressInfo).port, close: () => app.close() }
}

async function running(server: Server, leave: () => Promise<void>): Promise<Running> {
  if (!server.listening) await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await leave()
      server.close()
      await once(server, 'close')
    },
  }
}
