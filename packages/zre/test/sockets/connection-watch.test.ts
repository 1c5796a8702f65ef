// Runs in a process of its own: it counts the descriptors of the process.

import assert from 'node:assert/strict'
import { EventEmitter, on, once } from 'node:events'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dealer, Router } from 'zeromq'
import { HiccupWatch, watchByMonitor } from '#src/sockets/connection-watch.js'
import { Mailbox } from '#src/sockets/mailbox.js'
import { routingIdOf } from '#src/wire/identity.js'
import { newContext } from '../support/contexts.js'
import { greeting, ready, shakingHands } from '../support/zmtp.js'

const onLinux = { skip: process.platform !== 'linux', timeout: 30_000 }

describe('a connection that no monitor watches', { timeout: 60_000 }, () => {
  it('takes three descriptors: one of each end, and one that wakes the socket', onLinux, async () => {
    const router = await listen()
    const context = newContext()
    const { next } = opened(router.lastEndpoint as string, { context, number: 0 })
    assert.equal(await next(), 'connected')
    const before = descriptors()
    const peers = Array.from({ length: 20 }, (_, index) =>
      opened(router.lastEndpoint as string, { context, number: index + 1 }),
    )
    for (const peer of peers) assert.equal(await peer.next(), 'connected')
    assert.equal(descriptors() - before, 3 * peers.length)
    router.close()
    for (const peer of peers) assert.equal(await peer.next(), 'disconnected')
  })

  it('and that breaks right after the handshake is told of as made and broken, each time', async () => {
    using server = await shakingHands((socket) => socket.resetAndDestroy())
    const context = newContext()
    for (let round = 0; round < 50; round++) {
      const { next } = opened(server.endpoint, { context })
      assert.deepEqual([await next(), await next()], ['connected', 'disconnected'])
    }
  })

  it('and that breaks while the other end reads nothing is told of', async () => {
    using server = await shakingHands((socket) => socket.pause())
    const { next, mailbox } = opened(server.endpoint)
    assert.equal(await next(), 'connected')
    // More than the kernel and libzmq take.
    for (let count = 0; count < 2000; count++) mailbox.send([Buffer.alloc(16_384)])
    let queued = 0
    while (mailbox.queued !== queued) {
      queued = mailbox.queued
      await sleep(100)
    }
    assert.ok(queued > 0)
    for (const connection of server.connections) connection.destroy()
    assert.equal(await next(), 'disconnected')
  })

  it('has the bytes of any other: what tells that it broke stays in the process', async () => {
    using server = await shakingHands()
    const { next, mailbox } = opened(server.endpoint)
    assert.equal(await next(), 'connected')
    mailbox.send([Buffer.from('world')])
    const routingId = routingIdOf(idOf(0))
    const expected = Buffer.concat([
      greeting(routingId.length + 1),
      ready({ 'Socket-Type': 'DEALER', Identity: routingId }),
      Buffer.from('\x00\x05hello\x00\x05world', 'latin1'),
    ])
    const [connection] = server.connections
    while (server.received().length < expected.length) await once(connection as EventEmitter, 'data')
    connection?.destroy()
    assert.equal(await next(), 'disconnected')
    assert.deepEqual(server.received(), expected)
    assert.equal(server.connections.size, 1)
  })
})

describe('a connection of a libzmq without drafts', { timeout: 30_000 }, () => {
  it('is watched by a monitor', async () => {
    const router = await listen()
    const told = new EventEmitter()
    const events = on(told, 'told')
    const tell = (what: string) => () => void told.emit('told', what)
    const listener = { onConnected: tell('connected'), onBroken: tell('broken'), onFailed: tell('failed') }
    const socket = new DealerWithoutDrafts({ context: newContext(), linger: 0, routingId: 'us' })
    assert.equal(HiccupWatch.of(socket, listener), undefined)
    watchByMonitor(socket, listener)
    socket.connect(router.lastEndpoint as string)
    assert.deepEqual((await events.next()).value, ['connected'])
    router.close()
    assert.deepEqual((await events.next()).value, ['broken'])
    socket.close()
  })
})

/** The options of libzmq 4.3 that are no drafts have lower numbers. */
const FIRST_DRAFT = 93

class DealerWithoutDrafts extends Dealer {
  protected override setStringOption(option: number, value: string | Buffer | null): void {
    if (option >= FIRST_DRAFT) throw new Error('Invalid argument')
    super.setStringOption(option, value)
  }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

async function listen(): Promise<Router> {
  const router = new Router({ context: newContext(), linger: 0 })
  await router.bind('tcp://127.0.0.1:*')
  return router
}

function idOf(number: number): string {
  return number.toString(16).toUpperCase().padStart(32, '0')
}

/** A mailbox that has been given a message, and what it tells of its connection, one thing after the other. */
function opened(endpoint: string, { context = newContext(), number = 0 } = {}) {
  const told = new EventEmitter()
  const events = on(told, 'told')
  const mailbox: Mailbox = new Mailbox({
    context,
    routingId: routingIdOf(idOf(number)),
    endpoint,
    lost: 1500,
    onConnected: () => told.emit('told', 'connected'),
    onDisconnected: () => told.emit('told', 'disconnected'),
    onLost: (error) => {
      throw error
    },
  })
  mailbox.send([Buffer.from('hello')])
  return { mailbox, next: async (): Promise<string> => (await events.next()).value[0] }
}
