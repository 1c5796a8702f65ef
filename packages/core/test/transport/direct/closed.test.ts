import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createServer as createTlsServer, TLSSocket, connect as tlsConnect } from 'node:tls'
import type { Offer } from '#src/transport/direct/handshake.js'
import {
  agreed,
  decodeSecureConnect,
  decodeSecureOffer,
  encodeIdentity,
  encodeSecureOffer,
} from '#src/transport/direct/secure-handshake.js'
import { tlsOptions } from '#src/transport/direct/tls-options.js'
import { ControlKind } from '#src/transport/streams/format.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import { FakeNetwork, type FakeNode } from '../../fake-network.js'
import { type Endpoint, settle } from '../../harness.js'
import { echo, until } from '../streams/harness.js'
import { connected, directPair, joinDirect, SocketWatch, standing, withKeys } from './harness.js'
import { ManInTheMiddle } from './man-in-the-middle.js'

/** Behind the head of the packet and that of the frame. */
const HEAD_BYTES = 10

function controlPacket(kind: number, payload: Buffer): Buffer {
  const writer = new PacketWriter()
  writer.control(kind, 0, payload)
  return writer.take()
}

const closedPair = () => directPair(echo, { service: withKeys(), client: withKeys() })

/** Takes each payload of a kind that a node sends, and sends another in its place. Undefined: none. */
function intercept(node: FakeNode, kind: number, change: (payload: Buffer) => Buffer | undefined): Buffer[] {
  const taken: Buffer[] = []
  const { whisper } = node
  node.whisper = (to, content) => {
    if (!Buffer.isBuffer(content) || content[1] !== kind) return whisper.call(node, to, content)
    const payload = Buffer.from(content.subarray(HEAD_BYTES))
    taken.push(payload)
    const changed = change(payload)
    if (changed !== undefined) whisper.call(node, to, controlPacket(kind, changed))
  }
  return taken
}

/** The payload of the connect that a node has sent. Its call is in the same packet. */
function asked({ node }: Endpoint): Buffer {
  const connects = node.sent.find(({ content }) => content[1] === ControlKind.connect)
  return connects?.content.subarray(HEAD_BYTES, HEAD_BYTES + 33) as Buffer
}

describe('direct connections of nodes with keys', () => {
  let watch: SocketWatch
  let alive: NodeJS.Timeout
  let ends: Endpoint[]
  beforeEach(() => {
    watch = new SocketWatch()
    alive = setInterval(() => {}, 1000)
    ends = []
  })
  afterEach(async () => {
    for (const { sleuth } of ends) await sleuth.close()
    clearInterval(alive)
    watch.stop()
  })

  /** Whether somebody who has so much of an offer gets through. */
  async function tries({ port, token, proof: psk }: Offer, id: string): Promise<boolean> {
    const identity = encodeIdentity({ id, token })
    const socket = tlsConnect({
      ...tlsOptions,
      port,
      host: '127.0.0.1',
      pskCallback: () => ({ psk, identity }),
    })
    socket.on('error', () => {})
    const secured = await new Promise<boolean>((resolve) => {
      socket.once('close', () => resolve(false))
      socket.once('secureConnect', () => resolve(true))
    })
    socket.destroy()
    return secured
  }

  it('are encrypted at both ends', async () => {
    const { server, caller, sleuth } = await closedPair()
    ends.push(caller, server)
    await sleuth.request('sleuth://foo/')
    await connected(server, caller)
    for (const socket of [watch.client[0], watch.server[0]]) {
      assert.ok(socket instanceof TLSSocket)
      assert.equal(socket.getProtocol(), 'TLSv1.3')
    }
    assert.deepEqual([caller.problems(), server.problems()], [[], []])
  })

  it('are not made between one with keys and one without, whoever calls, and calls go on', async () => {
    const network = new FakeNetwork()
    const one = await joinDirect(network, { service: 'one', handler: echo, ...withKeys() })
    const two = await joinDirect(network, { service: 'two', handler: echo })
    ends.push(one, two)
    for (let count = 0; count < 3; count++) {
      await one.sleuth.request('sleuth://two/')
      await two.sleuth.request('sleuth://one/')
    }
    await settle()
    // What one without keys offers is not taken, though a later version of its connect may ask for that.
    assert.deepEqual([standing(one), standing(two), watch.client.length], [0, 0, 0])
    assert.deepEqual([one.problems(), two.problems()], [[], []])
  })

  it('are not made to a node that knows nothing of them: it is asked now and then, and nothing is logged', async () => {
    const older = { ...withKeys(), direct: false }
    const { server, caller, sleuth } = await directPair(echo, { service: older, client: withKeys() })
    ends.push(caller, server)
    await sleuth.request('sleuth://foo/')
    const told = () => [caller, server].flatMap(({ lines }) => lines.filter(({ level }) => level !== 'debug'))
    const before = told().length
    for (let count = 0; count < 5; count++) await sleuth.request('sleuth://foo/')
    await settle()
    assert.equal(told().length, before)
    assert.equal(caller.node.sent.filter(({ content }) => content[1] === ControlKind.connect).length, 1)
    assert.deepEqual([sleuth.stats().dropped, server.sleuth.stats().dropped], [{}, {}])
  })

  it('are not made to a peer that has not proved its key', async () => {
    const { server, caller, sleuth } = await closedPair()
    ends.push(caller, server)
    const peer = caller.node.peer(server.node.id)
    assert.ok(peer)
    caller.node.known.set(peer.id, { ...peer, publicKey: undefined })
    await sleuth.request('sleuth://foo/')
    await settle()
    assert.equal(caller.node.sent.filter(({ content }) => content[1] === ControlKind.connect).length, 0)
  })

  it('are not made by who has read the offer alone, and whom it was made to still gets one', async () => {
    const { server, caller, sleuth } = await closedPair()
    ends.push(caller, server)
    const offered = intercept(server.node, ControlKind.offer, () => undefined)
    await sleuth.request('sleuth://foo/')
    await until(() => offered.length === 1)
    const payload = offered[0] as Buffer
    const made = decodeSecureOffer(payload)
    assert.ok(made)
    const half = decodeSecureConnect(asked(caller)) as Buffer
    const { id } = caller.node
    const between = { connects: id, listens: server.node.id }
    const guesses = [Buffer.alloc(32), made.half].map((guess) => agreed(made, guess, between))
    const keys = [made.half, made.handle].map((proof) => ({ port: made.port, token: made.handle, proof }))
    for (const guess of [...guesses, ...keys]) assert.equal(await tries(guess, id), false)
    // What another would have agreed on is good for nobody else.
    const forOther = agreed(made, half, { ...between, connects: 'F'.repeat(32) })
    for (const as of [id, 'F'.repeat(32)]) assert.equal(await tries(forOther, as), false)
    await until(() => server.sleuth.stats().dropped.SLEUTH_CONNECTION === 6)
    assert.equal(standing(server), 0)
    server.node.whisper = Object.getPrototypeOf(server.node).whisper
    server.node.whisper(id, controlPacket(ControlKind.offer, payload))
    await connected(server, caller)
    assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
    // It is used up.
    assert.equal(await tries(agreed(made, half, between), id), false)
  })

  it('are not made to who sends an offer of its own and has not read what was asked', async () => {
    const { server, caller, sleuth } = await closedPair()
    ends.push(caller, server)
    const secrets = (offer: Buffer) => {
      const made = decodeSecureOffer(offer) as NonNullable<ReturnType<typeof decodeSecureOffer>>
      return agreed(made, Buffer.alloc(32), { connects: caller.node.id, listens: server.node.id }).proof
    }
    let psk: Buffer = Buffer.alloc(32)
    let told = 0
    const thief = createTlsServer({ ...tlsOptions, pskCallback: () => psk }, (socket) => {
      socket.on('error', () => {}).on('data', () => told++)
    })
    const tried = once(thief, 'tlsClientError')
    thief.listen(0, '127.0.0.1')
    await once(thief, 'listening')
    const { port } = thief.address() as AddressInfo
    intercept(server.node, ControlKind.offer, () => {
      const forged = encodeSecureOffer({ port, handle: Buffer.alloc(16, 7), half: Buffer.alloc(32, 7) })
      psk = secrets(forged)
      return forged
    })
    await sleuth.request('sleuth://foo/')
    await tried
    await until(() => caller.lines.some(({ message }) => /no direct connection to a peer/.test(message)))
    assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
    assert.deepEqual([told, standing(caller), standing(server)], [0, 0, 0])
    thief.close()
  })

  it('end at once when a peer is gone, and nobody takes its place by an offer that was made to it', async () => {
    const { server, caller, sleuth } = await closedPair()
    ends.push(server)
    await sleuth.request('sleuth://foo/')
    await connected(server, caller)
    const [own] = watch.server as [Socket]
    // It asks again, and its key is taken out of the list before it has connected.
    const second = intercept(server.node, ControlKind.offer, () => undefined)
    caller.node.whisper(server.node.id, controlPacket(ControlKind.connect, asked(caller)))
    await until(() => second.length === 1)
    const made = decodeSecureOffer(second[0] as Buffer)
    assert.ok(made)
    const half = decodeSecureConnect(asked(caller)) as Buffer
    const offer = agreed(made, half, { connects: caller.node.id, listens: server.node.id })
    caller.node.vanish('refused')
    assert.equal(own.destroyed, true)
    assert.equal(await tries(offer, caller.node.id), false)
    await sleuth.close()
  })

  it('that are changed on the way end: counted, and a call that may be repeated goes on by ZeroMQ', async () => {
    const { server, caller, sleuth } = await closedPair()
    ends.push(caller, server)
    const offers = intercept(server.node, ControlKind.offer, () => undefined)
    await sleuth.request('sleuth://foo/')
    await until(() => offers.length === 1)
    const [offer] = offers as [Buffer]
    const man = await ManInTheMiddle.before(offer.readUInt16BE(1))
    const changed = Buffer.from(offer)
    changed.writeUInt16BE(man.port, 1)
    server.node.whisper = Object.getPrototypeOf(server.node).whisper
    server.node.whisper(caller.node.id, controlPacket(ControlKind.offer, changed))
    await connected(server, caller)
    man.touch = (chunk, way) => {
      if (way === 'out') chunk.writeUInt8(chunk.readUInt8(chunk.length - 1) ^ 1, chunk.length - 1)
    }
    assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
    const counted = () => [server, caller].map(({ sleuth }) => sleuth.stats().dropped.SLEUTH_CONNECTION ?? 0)
    await until(() => counted()[0] === 1)
    assert.match(server.problems()[0]?.message ?? '', /not as TLS has it: ERR_SSL_/)
    man.close()
  })

  it('that break are counted nowhere', async () => {
    for (const at of ['client', 'server'] as const) {
      const { server, caller, sleuth } = await closedPair()
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      const sockets = [watch.client.at(-1), watch.server.at(-1)] as Socket[]
      const gone = sockets.map((socket) => new Promise((done) => socket.once('close', done)))
      sockets[at === 'client' ? 0 : 1]?.destroy()
      await Promise.all(gone)
      for (const end of [caller, server]) {
        assert.deepEqual(end.sleuth.stats().dropped, {})
        await end.sleuth.close()
      }
    }
  })

  it('do not stand with a peer that is refused in the middle of its handshake', async () => {
    const { server, caller, sleuth } = await closedPair()
    ends.push(server)
    // Between both, so that the handshake stops there.
    const held: (() => void)[] = []
    const between = createServer((from) => {
      const to = connect(real, '127.0.0.1').on('error', () => {})
      from.on('error', () => {}).on('close', () => to.destroy())
      to.on('close', () => from.destroy())
      let count = 0
      from.on('data', (chunk) => (count++ === 0 ? to.write(chunk) : held.push(() => to.write(chunk))))
      to.on('data', (chunk) => from.write(chunk))
    }).listen(0, '127.0.0.1')
    await once(between, 'listening')
    let real = 0
    intercept(server.node, ControlKind.offer, (payload) => {
      real = payload.readUInt16BE(1)
      payload.writeUInt16BE((between.address() as AddressInfo).port, 1)
      return payload
    })
    await sleuth.request('sleuth://foo/')
    await until(() => held.length > 0)
    server.node.known.delete(caller.node.id)
    server.node.emit('exit', caller.node.self, 'refused')
    for (const release of held) release()
    await until(() => watch.server.some((socket) => socket.destroyed))
    assert.equal(standing(server), 0)
    between.close()
    await sleuth.close()
  })
})
