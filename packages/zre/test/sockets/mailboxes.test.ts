import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Router } from 'zeromq'
import { Mailboxes, type MailboxesOptions } from '#src/sockets/mailboxes.js'
import { newContext } from '../support/contexts.js'

const US = 'AA'.repeat(16)
const PEER = 'BB'.repeat(16)
const EMPTY = Buffer.alloc(0)
const MIB = 1024 * 1024

describe('mailboxes', { timeout: 30_000, concurrency: true }, () => {
  it('of one peer follow each other: a peer that ignores a second connection of one identity hears them all', async () => {
    const router = new Router({ context: newContext(), linger: 0 })
    await router.bind('tcp://127.0.0.1:*')
    const mailboxes = open()
    for (let round = 0; round < 5; round++) {
      mailboxes.open(PEER, router.lastEndpoint as string)
      mailboxes.send(PEER, [Buffer.from(`${round}`)])
      assert.equal(String((await router.receive())[1]), `${round}`)
    }
    mailboxes.close(PEER, false)
    await mailboxes.flushed()
    router.close()
  })

  it('that are connected are told of while messages keep coming, and their end is not', async () => {
    const router = new Router({ context: newContext(), linger: 0 })
    await router.bind('tcp://127.0.0.1:*')
    const told: string[] = []
    let readAll = () => {}
    const connected = new Promise<void>((resolve) => {
      const mailboxes = open({
        whenRead: (callback) => {
          readAll = callback
        },
        onConnected: () => resolve(void told.push('connected')),
        onDisconnected: (id) => {
          told.push('disconnected')
          mailboxes.close(id, false)
        },
      })
      mailboxes.open(PEER, router.lastEndpoint as string)
      mailboxes.send(PEER, [EMPTY])
    })
    await connected
    const waits = readAll
    router.close()
    while (readAll === waits) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(told, ['connected'])
    readAll()
    assert.deepEqual(told, ['connected', 'disconnected'])
  })

  it('that are opened and replaced before they were connected: the last one counts', async () => {
    const router = new Router({ context: newContext(), linger: 0 })
    await router.bind('tcp://127.0.0.1:*')
    const mailboxes = open()
    for (let round = 0; round < 5; round++) {
      mailboxes.open(PEER, round < 4 ? 'tcp://127.77.0.1:9' : (router.lastEndpoint as string))
      mailboxes.send(PEER, [Buffer.from(`${round}`)])
    }
    assert.equal(String((await router.receive())[1]), '4')
    mailboxes.close(PEER, true)
    await mailboxes.flushed()
    router.close()
  })

  it('more than there are sockets for: the one too many is lost, later and not by an exception', async () => {
    const lost: string[] = []
    const context = newContext({ maxSockets: 2 })
    const mailboxes = open({
      context,
      onLost: (id, error) => lost.push(`${id} ${(error as NodeJS.ErrnoException).code}`),
    })
    const ids = ['C1', 'C2', 'C3'].map((byte) => byte.repeat(16))
    for (const id of ids) {
      mailboxes.open(id, 'tcp://127.77.0.1:9')
      mailboxes.send(id, [Buffer.from('x')])
    }
    assert.deepEqual(lost, [])
    await Promise.resolve()
    assert.deepEqual(lost, [`${ids[2]} EMFILE`])
    for (const id of ids) mailboxes.close(id, false)
    await mailboxes.flushed()
  })

  it('that are closed, or never were, take nothing', async () => {
    const mailboxes = open()
    assert.equal(mailboxes.send(PEER, [Buffer.from('x')]), false)
    mailboxes.open(PEER, 'tcp://127.77.0.1:9')
    assert.equal(mailboxes.send(PEER, [Buffer.from('x')]), true)
    mailboxes.close(PEER, false)
    assert.equal(mailboxes.send(PEER, [Buffer.from('x')]), false)
    mailboxes.close(PEER, false)
    await mailboxes.flushed()
  })

  it('have room up to the limit, and for one message that is larger than it', async () => {
    const mailboxes = open({ maxQueueSize: 10_000 })
    mailboxes.open(PEER, 'tcp://127.77.0.1:9')
    assert.ok(mailboxes.hasRoom(PEER, 100_000))
    // libzmq takes one message for a peer that is not there. The next waits in the queue.
    mailboxes.send(PEER, [EMPTY])
    await new Promise((resolve) => setImmediate(resolve))
    mailboxes.send(PEER, [Buffer.alloc(5000)])
    assert.ok(mailboxes.hasRoom(PEER, 4000))
    assert.ok(!mailboxes.hasRoom(PEER, 6000))
    mailboxes.close(PEER, false)
    await mailboxes.flushed()
  })
})

function open(options: Partial<MailboxesOptions> = {}): Mailboxes {
  return new Mailboxes({
    context: newContext(),
    id: US,
    maxQueueSize: MIB,
    lost: 1500,
    maxAnswer: MIB,
    answer: async () => 'gone',
    onAnswer: () => undefined,
    whenRead: (callback) => void setImmediate(callback),
    onConnected() {},
    onDisconnected() {},
    onLost: unexpected,
    ...options,
  })
}

function unexpected(id: string, error: Error): void {
  throw new Error(`lost ${id}`, { cause: error })
}
