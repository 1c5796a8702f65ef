import assert from 'node:assert/strict'
import { EventEmitter, on, once as onceEvent } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it, mock } from 'node:test'
import { Dealer, Router } from 'zeromq'
import { Mailbox } from '#src/sockets/mailbox.js'
import { routingIdOf } from '#src/wire/identity.js'
import { newContext } from '../support/contexts.js'
import { shakingHands } from '../support/zmtp.js'

const ROUTING_ID = routingIdOf('FF00'.repeat(8))
/** Nothing listens here: a privileged port of an address of loopback that nobody else uses. */
const NOWHERE = 'tcp://127.77.0.1:9'

// Most of these wait until a connection is gone, and nothing is shared: they wait at the same time.
describe('a mailbox', { concurrency: true }, () => {
  it('delivers many messages that were sent at once, in order: zeromq.js is never busy', async () => {
    await using inbox = await listen()
    const mailbox = open(inbox.endpoint)
    for (let number = 0; number < 5000; number++)
      mailbox.send([Buffer.from('head'), Buffer.from(String(number))])
    for (let number = 0; number < 5000; number++) {
      const [routingId, head, content] = await inbox.next()
      assert.deepEqual(routingId, ROUTING_ID)
      assert.equal(`${head} ${content}`, `head ${number}`)
    }
    await mailbox.flush()
  })

  it('hands a message to libzmq at once when nothing waits', async () => {
    await using inbox = await listen()
    const mailbox = await connected(inbox)
    mailbox.send([Buffer.from('first')])
    mailbox.send([Buffer.from('second')])
    assert.deepEqual([mailbox.queued, mailbox.queuedBytes], [0, 0])
    assert.deepEqual([String((await inbox.next())[1]), String((await inbox.next())[1])], ['first', 'second'])
    await mailbox.abandon()
  })

  it('counts what waits, each message with what it costs beside its bytes, and what has left no more', async () => {
    let gone = () => {}
    const mailbox = open(NOWHERE, new Promise<void>((resolve) => (gone = resolve)))
    mailbox.send([Buffer.alloc(1000), Buffer.alloc(500)])
    assert.equal(mailbox.queued, 1)
    const size = mailbox.queuedBytes
    assert.ok(size >= 1500 && size < 2000, `${size}`)
    mailbox.send([Buffer.alloc(1000), Buffer.alloc(500)])
    assert.equal(mailbox.queuedBytes, 2 * size)
    gone()
    await mailbox.flush()
    assert.deepEqual([mailbox.queued, mailbox.queuedBytes], [0, 0])
  })

  it('keeps what its peer does not take', async () => {
    const mailbox = open(NOWHERE)
    // More than libzmq holds for a peer that is not there.
    for (let number = 0; number < 3000; number++) mailbox.send([Buffer.from('x')])
    await turns(50)
    assert.ok(mailbox.queued > 1000)
    await mailbox.abandon()
  })

  it('gives libzmq a megabyte in a turn, and counts what waits for the next', async () => {
    await using inbox = await listen()
    const mailbox = await connected(inbox)
    const chunk = 64 * 1024
    const count = 100
    for (let number = 0; number < count; number++) mailbox.send([Buffer.alloc(chunk, number)])
    assert.equal(mailbox.queued, count - 16)
    assert.ok(!mailbox.hasRoom(chunk, (count - 16) * chunk))
    for (let number = 0; number < count; number++) assert.equal((await inbox.next())[1]?.[0], number)
    await mailbox.flush()
    assert.deepEqual([mailbox.queued, mailbox.queuedBytes], [0, 0])
  })

  it('that zeromq.js refuses a message of is lost, and throws nothing', async () => {
    await using inbox = await listen()
    const lost: Error[] = []
    const mailbox = await connected(inbox, (error) => lost.push(error))
    const send = mock.method(Dealer.prototype, 'send', () => {
      throw new Error('out of memory')
    })
    try {
      mailbox.send([Buffer.from('x')])
    } finally {
      send.mock.restore()
    }
    assert.deepEqual(
      lost.map(({ message }) => message),
      ['out of memory'],
    )
    await mailbox.abandon()
  })

  it('that is flushed sends all, and takes no more', async () => {
    await using inbox = await listen()
    const mailbox = await connected(inbox)
    for (let number = 0; number < 2000; number++) mailbox.send([Buffer.from(String(number))])
    const flushed = mailbox.flush()
    for (let number = 0; number < 2000; number++)
      assert.equal(String((await inbox.next())[1]), String(number))
    await flushed
    mailbox.send([Buffer.from('late')])
    assert.equal(mailbox.queued, 0)
  })

  it('that is flushed to nobody gives up', async () => {
    const mailbox = open(NOWHERE)
    for (let number = 0; number < 3000; number++) mailbox.send([Buffer.from('x')])
    await mailbox.flush()
    assert.deepEqual([mailbox.queued, mailbox.queuedBytes], [0, 0])
  })

  it('that is abandoned drops all', async () => {
    await using inbox = await listen()
    const mailbox = open(inbox.endpoint)
    for (let number = 0; number < 10; number++) mailbox.send([Buffer.from('dropped')])
    const next = open(inbox.endpoint, mailbox.abandon())
    next.send([Buffer.from('sent')])
    let [, content] = await inbox.next()
    // What was with libzmq before may have left.
    while (String(content) === 'dropped') [, content] = await inbox.next()
    assert.equal(String(content), 'sent')
    await next.flush()
  })

  it('waits for the one before it, and keeps its queue meanwhile', async () => {
    await using inbox = await listen()
    let gone = () => {}
    const mailbox = open(inbox.endpoint, new Promise<void>((resolve) => (gone = resolve)))
    for (const text of ['one', 'two', 'three']) mailbox.send([Buffer.from(text)])
    const other = open(inbox.endpoint, undefined, routingIdOf('AA'.repeat(16)))
    other.send([Buffer.from('zero')])
    const texts = [String((await inbox.next())[1])]
    gone()
    for (let count = 0; count < 3; count++) texts.push(String((await inbox.next())[1]))
    assert.deepEqual(texts, ['zero', 'one', 'two', 'three'])
    await Promise.all([mailbox.flush(), other.flush()])
  })

  it('is heard by a peer that ignores a second connection of one identity, as gyre does, after the one before it is gone', async () => {
    await using inbox = await listen({ handover: false })
    let gone: Promise<void> | undefined
    for (let round = 0; round < 6; round++) {
      const mailbox = open(inbox.endpoint, gone)
      mailbox.send([Buffer.from(String(round))])
      assert.equal(String((await inbox.next())[1]), String(round))
      gone = mailbox.abandon()
    }
    await gone
  })

  it('that was told to go before it was connected never connects', async () => {
    await using inbox = await listen()
    let gone = () => {}
    const mailbox = open(inbox.endpoint, new Promise<void>((resolve) => (gone = resolve)))
    mailbox.send([Buffer.from('never')])
    const abandoned = mailbox.abandon()
    gone()
    await abandoned
    const next = open(inbox.endpoint)
    next.send([Buffer.from('next')])
    assert.equal(String((await inbox.next())[1]), 'next')
    await next.flush()
  })

  it('says so when it can not connect', async () => {
    let mailbox: Mailbox | undefined
    const error = await new Promise<Error>((onLost) => {
      mailbox = open('tcp://nonsense', Promise.resolve(), ROUTING_ID, onLost)
    })
    assert.match(error.message, /argument/i)
    await mailbox?.abandon()
  })

  it('drops what its peer sends, and goes on', async () => {
    await using inbox = await listen()
    const mailbox = await connected(inbox)
    for (let number = 0; number < 2000; number++) await inbox.router.send([ROUTING_ID, Buffer.of(number)])
    mailbox.send([Buffer.from('still here')])
    assert.equal(String((await inbox.next())[1]), 'still here')
    await mailbox.flush()
  })

  it('drops the connection of a peer that sends much there', async () => {
    await using inbox = await listen()
    const mailbox = open(inbox.endpoint)
    mailbox.send([Buffer.from('here')])
    const [routingId = Buffer.alloc(0)] = await inbox.next()
    const ended = once(inbox.router, 'disconnect')
    await inbox.router.send([routingId, Buffer.alloc(2000)])
    await ended
    await mailbox.abandon()
  })
})

describe('the connection of a mailbox', { concurrency: true }, () => {
  it('is told of when it has shaken hands, and when it breaks; it is the only one that the mailbox ever has', async () => {
    const inbox = await listen()
    const { mailbox, next } = watched(inbox.endpoint)
    mailbox.send([Buffer.from('hello')])
    await inbox.next()
    assert.equal(await next(), 'connected')
    inbox.router.close()
    assert.equal(await next(), 'disconnected')
    await using again = await listen({ handover: true }, inbox.endpoint)
    mailbox.send([Buffer.from('too late')])
    const other = open(again.endpoint, undefined, routingIdOf('AA'.repeat(16)))
    other.send([Buffer.from('first')])
    assert.equal(String((await again.next())[1]), 'first')
    await Promise.all([mailbox.flush(), other.flush()])
  })

  it('that is refused is told of, and tried again', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await onceEvent(server, 'listening')
    const endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.close()
    await onceEvent(server, 'close')
    const { mailbox, next } = watched(endpoint)
    mailbox.send([Buffer.from('hello')])
    assert.deepEqual([await next(), await next()], ['disconnected', 'disconnected'])
    await using inbox = await listen({ handover: true }, endpoint)
    assert.equal(String((await inbox.next())[1]), 'hello')
    await mailbox.abandon()
  })

  it('to a program that accepts and says nothing is none', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await onceEvent(server, 'listening')
    const { mailbox, next } = watched(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, 300)
    mailbox.send([Buffer.from('hello')])
    assert.equal(await next(), 'disconnected')
    await mailbox.abandon()
    server.close()
  })

  it('to a host that answers no more is gone', async () => {
    using server = await shakingHands()
    const { mailbox, next } = watched(server.endpoint, 300)
    mailbox.send([Buffer.from('hello')])
    assert.deepEqual([await next(), await next()], ['connected', 'disconnected'])
    await mailbox.abandon()
  })
})

/** A mailbox, and what it tells of its connection, one thing after the other. */
function watched(endpoint: string, lost = 1500): { mailbox: Mailbox; next(): Promise<string> } {
  const told = new EventEmitter()
  const events = on(told, 'told')
  const mailbox = new Mailbox({
    context: newContext(),
    routingId: ROUTING_ID,
    endpoint,
    lost,
    onConnected: () => told.emit('told', 'connected'),
    onDisconnected: () => told.emit('told', 'disconnected'),
    onLost: fail,
  })
  return { mailbox, next: async () => (await events.next()).value[0] }
}

function open(
  endpoint: string,
  after?: Promise<void>,
  routingId = ROUTING_ID,
  onLost: (error: Error) => void = fail,
  onConnected = () => {},
): Mailbox {
  return new Mailbox({
    context: newContext(),
    routingId,
    endpoint,
    after,
    lost: 1500,
    onConnected,
    onDisconnected() {},
    onLost,
  })
}

/** A mailbox whose first message has arrived. */
async function connected(
  inbox: { endpoint: string; next(): Promise<Buffer[]> },
  onLost: (error: Error) => void = fail,
): Promise<Mailbox> {
  let mailbox: Mailbox | undefined
  const told = new Promise<void>((onConnected) => {
    mailbox = open(inbox.endpoint, undefined, ROUTING_ID, onLost, onConnected)
  })
  mailbox?.send([Buffer.from('hello')])
  await Promise.all([told, inbox.next()])
  return mailbox as Mailbox
}

function fail(error: Error): void {
  throw error
}

async function listen(options: { handover?: boolean } = { handover: true }, at = 'tcp://127.0.0.1:*') {
  const router = new Router({ context: newContext(), ...options, linger: 0, receiveTimeout: 10_000 })
  await router.bind(at)
  return {
    router,
    endpoint: router.lastEndpoint as string,
    next: () => router.receive(),
    async [Symbol.asyncDispose]() {
      router.close()
    },
  }
}

/** The next event of that type on a socket. */
async function once(socket: Router, type: string): Promise<void> {
  for await (const event of socket.events) if (event.type === type) return
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
