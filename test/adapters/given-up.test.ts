import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sleuth } from '@sleuth/core'
import type { AdapterOptions } from '@sleuth/core/adapter'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'
import { caller, network } from './network.js'

/** What the handlers of an app do, whose callers do not wait for it. */
interface Work {
  begin(): Promise<void>
}

interface App {
  readonly sleuth: Sleuth
  close(): Promise<unknown>
}

const apps: Record<string, (options: AdapterOptions, work: Work) => Promise<App>> = {
  async express(options, work) {
    const middleware = expressSleuth(options)
    const app = express().use(middleware)
    app.get('/', async (_req, res) => {
      await work.begin()
      res.json({ done: true })
    })
    return { sleuth: await middleware.ready, close: () => middleware.close() }
  },

  async koa(options, work) {
    const app = new Koa()
    const middleware = koaSleuth(options, app)
    app.use(middleware).use(async (ctx) => {
      await work.begin()
      ctx.body = { done: true }
    })
    return { sleuth: await middleware.ready, close: () => middleware.close() }
  },

  async fastify(options, work) {
    const app = Fastify()
    await app.register(fastifySleuth, options)
    app.get('/', async () => {
      await work.begin()
      return { done: true }
    })
    await app.ready()
    return { sleuth: app.sleuth, close: () => app.close() }
  },
}

for (const [framework, open] of Object.entries(apps)) {
  for (const wire of [1, 2] as const) {
    describe(`an app in ${framework} whose callers do not wait for it, on wire ${wire}`, {
      timeout: 30_000,
    }, () => {
      const service = `slow-${framework}-${wire}`
      let running = 0
      let most = 0
      let ends: (() => void)[] = []
      let app: App
      let client: Sleuth

      before(async () => {
        const on = await network()
        const begin = () => {
          most = Math.max(most, ++running)
          return new Promise<void>((resolve) => ends.push(resolve)).finally(() => running--)
        }
        app = await open({ ...on, service, wire, maxInflight: 3 }, { begin })
        client = await caller(on)
        await client.waitFor(service)
      })

      after(() => Promise.all([app.close(), client.close()]))

      test('has no more handlers at once than it may', async () => {
        const codes: unknown[] = []
        for (let round = 0; round < 4; round++) {
          const calls = Array.from({ length: 5 }, () =>
            client.request(`sleuth://${service}/`, { timeout: 100, retry: false }),
          )
          for (const result of await Promise.allSettled(calls)) {
            codes.push(result.status === 'rejected' ? result.reason.code : result.value.status)
          }
        }
        assert.deepEqual([most, running, app.sleuth.stats().inflight], [3, 3, 3])
        assert.ok(codes.includes('SLEUTH_OVERLOADED'), codes.join())
        assert.ok(
          codes.every((code) => code === 'SLEUTH_TIMEOUT' || code === 'SLEUTH_OVERLOADED'),
          codes.join(),
        )
      })

      test('answers again when they are done', async () => {
        for (const end of ends.splice(0)) end()
        while (app.sleuth.stats().inflight > 0) await sleep(1)
        const call = client.request(`sleuth://${service}/`)
        while (ends.length === 0) await sleep(1)
        ends[0]?.()
        assert.equal((await call).status, 200)
        assert.deepEqual([app.sleuth.stats().inflight, app.sleuth.stats().abandoned], [0, 0])
        ends = []
      })
    })
  }
}
