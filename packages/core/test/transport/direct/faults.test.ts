import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { decodeOffer, encodeGreeting, type Offer } from '#src/transport/direct/handshake.js'
import { ControlKind } from '#src/transport/streams/format.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import type { FakeNode } from '../../fake-network.js'
import { type Endpoint, settle } from '../../harness.js'
import { echo, until } from '../streams/harness.js'
import { directPair, SocketWatch, standing } from './harness.js'

const isOffer = (content: unknown): content is Buffer =>
  Buffer.isBuffer(content) && content[1] === ControlKind.offer

function controlPacket(kind: number, payload: Buffer): Buffer {
  const writer = new PacketWriter()
  writer.control(kind, 0, payload)
  return writer.take()
}

/** Keeps the offers of a node from arriving, or puts another port into them. */
function intercept(node: FakeNode, port?: number): Offer[] {
  const offers: Offer[] = []
  const { whisper } = node
  node.whisper = (to, content) => {
    if (!isOffer(content)) return whisper.call(node, to, content)
    offers.push(decodeOffer(content.subarray(10)) as Offer)
    if (port === undefined) return
    const changed = Buffer.from(content)
    changed.writeUInt16BE(port, 11)
    whisper.call(node, to, changed)
  }
  return offers
}

async function closeAll(...ends: Endpoint[]): Promise<void> {
  for (const { sleuth } of ends) await sleuth.close()
}

describe('a direct connection is not made', () => {
  let watch: SocketWatch
  let alive: NodeJS.Timeout
  beforeEach(() => {
    watch = new SocketWatch()
    alive = setInterval(() => {}, 1000)
  })
  afterEach(() => {
    clearInterval(alive)
    watch.stop()
    mock.restoreAll()
  })

  it('to a peer that has not shown that it is where it says', async () => {
    const { server, caller, sleuth } = await directPair(echo)
    const peer = caller.node.peer(server.node.id)
    assert.ok(peer)
    caller.node.known.set(peer.id, { ...peer, verified: false })
    await sleuth.request('sleuth://foo/')
    await settle()
    assert.ok(!caller.node.sent.some(({ content }) => content[1] === ControlKind.connect))
    assert.equal(watch.client.length, 0)
    await closeAll(caller, server)
  })

  it('by an offer that nobody asked for, or by what is none, or for a version that is not spoken', async () => {
    const { server, caller, sleuth } = await directPair(echo)
    await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
    await until(() => standing(server) === 1)
    const before = watch.client.length
    const offer = Buffer.alloc(35, 1)
    server.node.whisper(caller.node.id, controlPacket(ControlKind.offer, offer))
    server.node.whisper(caller.node.id, controlPacket(ControlKind.offer, offer.subarray(1)))
    const sent = caller.node.sent.length
    server.node.whisper(caller.node.id, controlPacket(ControlKind.connect, Buffer.of(0)))
    await settle()
    assert.equal(watch.client.length, before)
    assert.equal(caller.node.sent.length, sent)
    await closeAll(caller, server)
  })

  it('by a node that can not listen: its log says so, and calls go on', async () => {
    mock.method(Server.prototype, 'listen', function (this: Server) {
      process.nextTick(() => this.emit('error', new Error('no descriptor is left')))
      return this
    })
    const { server, caller, sleuth } = await directPair(echo)
    assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
    await until(() =>
      server.lines.some(({ message }) => message.includes('can not listen for direct connections')),
    )
    assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
    assert.equal(standing(caller), 0)
    await closeAll(caller, server)
  })

  it('to a peer that has gone while its offer was made', async () => {
    const { server, caller, sleuth } = await directPair(echo)
    const asks = (content: Buffer | undefined) => content?.[1] === ControlKind.connect
    server.node.on('whisper', (_, [content]) => {
      if (asks(content)) caller.node.vanish('expired')
    })
    await sleuth.request('sleuth://foo/').catch(() => {})
    await settle()
    assert.deepEqual(
      [server.node.sent.filter(({ content }) => isOffer(content)), watch.client.length],
      [[], 0],
    )
    await closeAll(server)
  })

  it('any more when its peer has gone, and nothing is logged', async () => {
    const mute = createServer().listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { server, caller, sleuth } = await directPair(echo)
    intercept(server.node, (mute.address() as AddressInfo).port)
    const arrived = once(mute, 'connection')
    await sleuth.request('sleuth://foo/')
    const [socket] = (await arrived) as [Socket]
    const closed = once(socket.resume(), 'close')
    server.node.vanish('expired')
    await closed
    assert.ok(!caller.lines.some(({ message }) => message.includes('no direct connection')))
    mute.close()
    await closeAll(caller)
  })

  it('to who has no offer, or one for another, or one that is old', async () => {
    const { server, caller, sleuth } = await directPair(echo)
    const offers = intercept(server.node)
    await sleuth.request('sleuth://foo/')
    await until(() => offers.length === 1)
    const [{ port, token }] = offers as [Offer]
    const { id } = caller.node
    const greet = async (as: string, by: Buffer) => {
      const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {})
      socket.write(encodeGreeting({ id: as, token: by }))
      socket.resume()
      await once(socket, 'close')
    }
    const dropped = () => server.sleuth.stats().dropped.SLEUTH_CONNECTION
    await greet(id, Buffer.alloc(16))
    await greet('F'.repeat(32), token)
    assert.equal(dropped(), 2)
    const { now } = performance
    mock.method(performance, 'now', () => now.call(performance) + 5001)
    await greet(id, token)
    assert.deepEqual([dropped(), standing(server)], [3, 0])
    mock.restoreAll()
    await closeAll(caller, server)
  })
})

describe('a node that leaves', () => {
  it('does not wait without end for a peer that reads nothing, and does not close its end', async (context) => {
    using watch = new SocketWatch()
    const alive = setInterval(() => {}, 1000)
    const { server, caller, sleuth } = await directPair(echo)
    await sleuth.request('sleuth://foo/')
    await until(() => standing(caller) === 1 && standing(server) === 1)
    const [theirs] = watch.client as [Socket]
    // It reads no end.
    theirs.pause()
    theirs.removeAllListeners('end')
    context.mock.timers.enable({ apis: ['setTimeout'] })
    let closed = false
    void server.sleuth.close().then(() => (closed = true))
    // The time limit of the drain, and a second to close.
    for (let passed = 0; passed < 6500 && !closed; passed += 50) {
      context.mock.timers.tick(50)
      await settle(5)
    }
    assert.ok(closed)
    context.mock.timers.reset()
    assert.ok(watch.server[0]?.destroyed)
    await caller.sleuth.close()
    clearInterval(alive)
  })
})
