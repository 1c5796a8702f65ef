import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { freePort } from '../hosts/port.js'

export type Fetch = typeof globalThis.fetch

/** What a case is given: where the app is, and what to call it with. */
interface Way {
  readonly base: string
  readonly fetch: Fetch
}

export type Case = (way: Way) => Promise<unknown>

/** Serves an app over HTTP and over sleuth. What it gives runs a client over both, and compares what comes of it. */
export function serveBoth(app: RequestListener) {
  const service = 'library-service'
  const server = createServer(app)
  let serving: Sleuth | undefined
  let calling: Sleuth | undefined
  let http: Way | undefined
  let sleuth: Way | undefined

  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    http = { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, fetch: globalThis.fetch }
    const options = { interface: 'loopback', port: await freePort() }
    serving = await createSleuth({ ...options, service, handler: app })
    calling = await createSleuth({ ...options, timeout: 10_000 })
    await calling.waitFor(service)
    sleuth = { base: `sleuth://${service}`, fetch: calling.fetch as Fetch }
  })

  after(async () => {
    await calling?.close()
    await serving?.close()
    server.closeAllConnections()
    server.close()
  })

  return {
    /** Over both, a client sees the same. */
    same(name: string, run: Case): void {
      test(name, { timeout: 30_000 }, async () => {
        assert.deepEqual(await outcome(run, sleuth as Way), await outcome(run, http as Way))
      })
    },

    /** It sees the one thing over HTTP, and the other over sleuth. */
    different(name: string, overHttp: unknown, overSleuth: unknown, run: Case): void {
      test(name, { timeout: 30_000 }, async () => {
        assert.deepEqual(await outcome(run, http as Way), { gives: overHttp })
        assert.deepEqual(await outcome(run, sleuth as Way), { gives: overSleuth })
      })
    },
  }
}

/** What a case gives or throws, without the address that it was called at. */
async function outcome(run: Case, way: Way): Promise<unknown> {
  let result: unknown
  try {
    result = { gives: await run(way) }
  } catch (error) {
    result = { throws: describeError(error) }
  }
  return JSON.parse(JSON.stringify(result).replaceAll(way.base, '{base}'))
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: String(error) }
  const { name, message } = error
  return { name, message }
}
