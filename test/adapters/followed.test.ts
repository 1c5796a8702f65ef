import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { serve } from '@hono/node-server'
import honoSleuth from '@sleuth/hono'
import nodeSleuth from '@sleuth/node'
import { Hono } from 'hono'
import { freePort } from '../hosts/port.js'
import { announced, caller, gone, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

const closed = (server: Server) => new Promise((resolve) => server.close(resolve))

async function over(server: Server): Promise<string> {
  const { port } = server.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text()
}

/** An app that has joined. `answer` is what each request waits for. */
async function hono(service: string, answer: () => Promise<string> = async () => 'here') {
  const app = new Hono()
  const join = honoSleuth({ ...on, service, timeout: 10_000 }, app)
  app.use(join)
  app.get('/', async (c) => c.text(await answer()))
  await join.ready
  await client.waitFor(service)
  const listen = async (port: number): Promise<Server> => {
    const options = { fetch: app.fetch, port, hostname: '127.0.0.1', overrideGlobalObjects: false }
    const server = serve(options) as Server
    await once(server, 'listening')
    return server
  }
  return { join, listen }
}

describe('a server of an app in Hono', { timeout: 60_000 }, () => {
  test('that has had a request ends the service when it closes, and its client after the last request', async () => {
    const steps = new EventEmitter()
    const [begun, released] = [once(steps, 'begun'), once(steps, 'release')]
    const { join, listen } = await hono('hono-ends', async () => {
      steps.emit('begun')
      await released
      return 'answered'
    })
    const server = await listen(await freePort())
    const left = gone('hono-ends', client)
    const answer = over(server)
    await begun
    const close = closed(server)
    assert.equal(await left, 'left')
    steps.emit('release')
    assert.equal(await answer, 'answered')
    await close
    await join.close()
    await assert.rejects(join.sleuth.request('sleuth://hono-ends/'), { code: 'SLEUTH_CLOSED' })
  })

  test('that closes while another listens ends nothing, if both have had a request', async () => {
    const { join, listen } = await hono('hono-two')
    const [first, second] = [await listen(await freePort()), await listen(await freePort())]
    for (const server of [first, second]) assert.equal(await over(server), 'here')
    await closed(first)
    assert.ok((await announced(on, client)).includes('hono-two'))
    const left = gone('hono-two', client)
    await closed(second)
    assert.equal(await left, 'left')
    await join.close()
  })

  test('at a port of the system closes, or one without a request, and the service stays', async () => {
    const { join, listen } = await hono('hono-stays')
    const atSystem = await listen(0)
    assert.equal(await over(atSystem), 'here')
    await closed(atSystem)
    await closed(await listen(await freePort()))
    assert.equal(await (await client.do('sleuth://hono-stays/')).text(), 'here')
    await join.close()
  })
})

test('a server of Node ends the service when it closes', { timeout: 60_000 }, async () => {
  const server = createServer((_, res) => res.end('here'))
  const join = nodeSleuth(server, { ...on, service: 'node-ends' })
  server.listen(await freePort(), '127.0.0.1')
  await client.waitFor('node-ends')
  const left = gone('node-ends', client)
  await closed(server)
  assert.equal(await left, 'left')
  await join.close()
})
