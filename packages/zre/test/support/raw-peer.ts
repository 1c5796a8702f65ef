import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { Dealer, Router } from 'zeromq'
import { encodeBeacon } from '#src/wire/beacon.js'
import { idFromBytes, idOfRoutingId, routingIdOf } from '#src/wire/identity.js'
import { decodeMessage, encodeMessage, type Hello, type Incoming, type Outgoing } from '#src/wire/message.js'
import { newContext } from './contexts.js'

/** A peer by hand: it says what a test tells it to, right or wrong, and nothing else. */
export class RawPeer {
  readonly id: string
  readonly router: Router
  readonly dealer: Dealer
  sequence = 0

  private constructor(id: string, router: Router, dealer: Dealer) {
    this.id = id
    this.router = router
    this.dealer = dealer
  }

  static async open(
    endpoint: string,
    { id = idFromBytes(randomBytes(16)), routingId = routingIdOf(id), receiveHighWaterMark = 0 } = {},
  ): Promise<RawPeer> {
    const context = newContext()
    const router = new Router({
      context,
      linger: 0,
      handover: true,
      receiveHighWaterMark,
      receiveTimeout: 20_000,
    })
    await router.bind('tcp://127.0.0.1:*')
    const dealer = new Dealer({ context, linger: 0, routingId: routingId as unknown as string })
    dealer.connect(endpoint)
    return new RawPeer(id, router, dealer)
  }

  get endpoint(): string {
    return this.router.lastEndpoint as string
  }

  async hello(overrides: Partial<Hello> = {}): Promise<void> {
    this.sequence = 0
    const { endpoint } = this
    await this.send({
      type: 'hello',
      endpoint,
      groups: [],
      status: 0,
      name: 'raw',
      headers: new Map(),
      ...overrides,
    })
  }

  async send(message: Outgoing, sequence = ++this.sequence): Promise<void> {
    await this.sendFrames(...encodeMessage(message, sequence))
  }

  async whisper(text: string): Promise<void> {
    await this.send({ type: 'whisper', content: [Buffer.from(text)] })
  }

  async sendFrames(...frames: Buffer[]): Promise<void> {
    await this.dealer.send(frames)
  }

  /** Says where it is, or with port 0 that it goes. */
  async beacon(port: number, inbox = Number(this.endpoint.split(':').pop())): Promise<void> {
    await sendDatagram(port, encodeBeacon({ id: this.id, port: inbox }))
  }

  /** The next message to it, with its sender. */
  async receive(): Promise<Incoming & { from: string | undefined }> {
    const [routingId, ...frames] = await this.router.receive()
    const message = decodeMessage(frames)
    if (typeof message === 'string') throw new Error(message)
    return { ...message, from: idOfRoutingId(routingId as Buffer) }
  }

  /** The next message of a type; others are skipped. */
  async receiveOnly<T extends Incoming['type']>(type: T): Promise<Incoming & { type: T }> {
    for (;;) {
      const message = await this.receive()
      if (message.type === type) return message as unknown as Incoming & { type: T }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.router.close()
    this.dealer.close()
  }
}

/** One node gets it: that which was opened last. */
export async function sendDatagram(port: number, bytes: Buffer): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve))
  socket.close()
}

/** Every node gets it. */
export async function broadcast(port: number, bytes: Buffer): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  socket.setBroadcast(true)
  await new Promise((resolve) => socket.send(bytes, port, '127.255.255.255', resolve))
  socket.close()
}
