import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { adopt } from '#src/adapter/handle.js'
import { checkOptions } from '#src/shared/options/options.js'
import { Client } from '#src/sleuth/client.js'
import { FakeNetwork } from '../fake-network.js'
import { join, mockTime, restoreTime, tick } from '../harness.js'

/** A service whose handler asks `other` when it is let go, and a caller of it. */
async function scene(options: object = {}) {
  const network = new FakeNetwork()
  const other = await join(network, { service: 'other', handler: (_, res) => res.end('other') })
  const gate = new EventEmitter()
  const begun = once(gate, 'begun')
  const handler: RequestListener = async (_, res) => {
    gate.emit('begun')
    await once(gate, 'go on')
    res.end((await server.sleuth.request('sleuth://other/')).body)
  }
  const server = await join(network, { service: 'middle', handler, ...options })
  const client = await join(network, { timeout: 10_000 })
  return { network, other, server, client, begun, goOn: () => gate.emit('go on') }
}

describe('leave', () => {
  it('refuses new requests and answers those in hand, while calls go out until close', async () => {
    const { network, server, client, begun, goOn } = await scene()
    const inHand = client.sleuth.request('sleuth://middle/', { method: 'POST' })
    await begun
    const late = client.sleuth.request('sleuth://middle/', { method: 'POST', retry: false })
    const left = server.sleuth.leave()
    await assert.rejects(late, { code: 'SLEUTH_DRAINING', mayHaveRun: false })
    assert.ok(!client.sleuth.services().some(({ service }) => service === 'middle'))
    assert.equal(String((await server.sleuth.request('sleuth://other/')).body), 'other')
    goOn()
    assert.equal(String((await inHand).body), 'other')
    await left
    await server.sleuth.waitFor('other')
    assert.equal(String((await server.sleuth.request('sleuth://other/')).body), 'other')
    assert.equal(network.nodes.size, 3)
    await server.sleuth.close()
    assert.equal(network.nodes.size, 2)
    await assert.rejects(server.sleuth.request('sleuth://other/'), { code: 'SLEUTH_CLOSED' })
  })

  it('refuses requests until its callers have read that it leaves, however late they do', async () => {
    const { server, client, begun, goOn } = await scene()
    const before = client.sleuth.request('sleuth://middle/', { method: 'POST' })
    await begun
    goOn()
    await before
    // The caller stands still for longer than any fixed pause.
    server.node.stall()
    server.node.leave = () => {}
    const closing = server.sleuth.close()
    await sleep(300)
    const late = client.sleuth.request('sleuth://middle/', { method: 'POST', retry: false })
    await assert.rejects(late, { code: 'SLEUTH_DRAINING', mayHaveRun: false })
    server.node.resume()
    await closing
  })

  it('waits for them no longer than drainTimeout', async () => {
    const { server, client, begun, goOn } = await scene({ drainTimeout: 5 })
    const before = client.sleuth.request('sleuth://middle/', { method: 'POST' })
    await begun
    goOn()
    await before
    server.node.stall()
    await server.sleuth.close()
  })

  it('may be called again, and during and after close', async () => {
    const { server } = await scene()
    await Promise.all([server.sleuth.leave(), server.sleuth.leave()])
    await Promise.all([server.sleuth.close(), server.sleuth.leave()])
    await server.sleuth.leave()
  })

  it('resolves after drainTimeout, and has cut off what is not answered', async () => {
    const { server, client, begun } = await scene({ drainTimeout: 5 })
    const inHand = client.sleuth.request('sleuth://middle/', { method: 'POST' })
    await begun
    await server.sleuth.leave()
    assert.equal((await inHand).status, 503)
  })

  it('is nothing to a client-only one, whose calls go on, and to one that has not joined', async () => {
    const { client } = await scene()
    await client.sleuth.leave()
    assert.equal(String((await client.sleuth.request('sleuth://other/')).body), 'other')
    const handle = adopt({ service: 'never' }, { hint: '' })
    await handle.leave()
    await handle.close()
  })

  it('during a join comes after it', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network)
    const client = new Client(checkOptions({ service: 'brief', handler: () => {} }), '')
    const joining = client.join(network.createNode)
    await client.leave()
    await joining
    assert.deepEqual(sleuth.services(), [])
    await client.close()
  })
})

describe('close waits for requests over HTTP', () => {
  /** As much of a response as tells that it is over. */
  const response = () => Object.assign(new EventEmitter(), { socket: {} }) as unknown as ServerResponse

  async function called(options: object = {}) {
    const { network } = await scene()
    const client = new Client(checkOptions({ ...options }), '')
    await client.join(network.createNode)
    return { client, network }
  }

  it('whose handlers can still call others', async () => {
    const { client, network } = await called()
    const res = response()
    client.waitsFor(res)
    const closing = client.close()
    assert.equal(String((await client.request('sleuth://other/')).body), 'other')
    assert.equal(network.nodes.size, 4)
    res.emit('close')
    await closing
    await assert.rejects(client.request('sleuth://other/'), { code: 'SLEUTH_CLOSED' })
    assert.equal(network.nodes.size, 3)
  })

  it('no longer than drainTimeout', async () => {
    const { client } = await called({ drainTimeout: 50 })
    client.waitsFor(response())
    mockTime()
    try {
      const closing = client.close()
      assert.equal(String((await client.request('sleuth://other/')).body), 'other')
      tick(50)
      await closing
    } finally {
      restoreTime()
    }
    await assert.rejects(client.request('sleuth://other/'), { code: 'SLEUTH_CLOSED' })
  })

  it('not for those that are over, or have no socket to tell it', async () => {
    const { client } = await called({ drainTimeout: Infinity })
    client.waitsFor(Object.assign(response(), { writableFinished: true }))
    client.waitsFor(Object.assign(response(), { socket: null }))
    client.waitsFor({} as ServerResponse)
    await client.close()
  })

  it('not when it is ended by its network, which carries no call of theirs any more', async () => {
    const { client } = await called({ drainTimeout: Infinity })
    client.waitsFor(response())
    const closing = client.close()
    const ended = client.end()
    client.waitsFor(response())
    await Promise.all([closing, ended])
  })
})
