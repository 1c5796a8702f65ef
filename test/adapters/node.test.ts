import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { isSleuth } from '@sleuth/core/adapter'
import sleuth, { clientOf, peerOf } from '@sleuth/node'
import { caller, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

describe('a server of Node', { timeout: 30_000 }, () => {
  test('joins when it listens, and gives its requests a client', async () => {
    const server = createServer((req, res) => {
      res.end(JSON.stringify([isSleuth(clientOf(req)), typeof peerOf(req)?.id]))
    })
    const join = sleuth(server, { service: 'node-one', ...on, timeout: 10_000 })
    await assert.rejects(join.sleuth.do('sleuth://node-one/'), { code: 'SLEUTH_NOT_JOINED' })
    server.listen(0, '127.0.0.1')
    await client.waitFor('node-one', { timeout: 10_000 })
    assert.deepEqual(await (await client.do('sleuth://node-one/')).json(), [true, 'string'])
    const { port } = server.address() as AddressInfo
    assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/`)).json(), [true, 'undefined'])
    server.close()
    await join.close()
  })

  test('joins without a port, and answers 500 when a listener fails', async () => {
    const server = createServer(async () => {
      throw new Error('on purpose')
    })
    const join = sleuth(server, { service: 'node-fails', ...on })
    await join.ready
    await client.waitFor('node-fails', { timeout: 10_000 })
    assert.equal((await client.do('sleuth://node-fails/')).status, 500)
    await join.close()
  })

  test('gives a request to all of its listeners, as over HTTP', async () => {
    const server = createServer((_, res) => res.end('answered'))
    let seen = 0
    server.on('request', () => seen++)
    const join = sleuth(server, { service: 'node-two', ...on })
    await join.ready
    await client.waitFor('node-two', { timeout: 10_000 })
    assert.equal(await (await client.do('sleuth://node-two/')).text(), 'answered')
    assert.equal(seen, 1)
    await join.close()
  })

  test('is refused if it is none', () => {
    assert.throws(() => sleuth({} as never, 'x'), { code: 'SLEUTH_ARGUMENT' })
    assert.throws(() => clientOf({} as never), { code: 'SLEUTH_ARGUMENT' })
  })

  test('calls others without a name', async () => {
    const server = createServer()
    const join = sleuth(server, on)
    await join.sleuth.waitFor([])
    await join.close()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    server.close()
  })
})
