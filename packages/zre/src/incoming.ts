import type { Channels } from './data-plane/channels.js'
import type { KnownBeacons } from './data-plane/known-beacons.js'
import type { Input } from './machine/types.js'
import type { SecurityPolicy } from './security/security-policy.js'
import type { Counters } from './stats.js'
import type { Receiver } from './transport.js'
import { isQuestion } from './wire/identify.js'
import { idOfRoutingId, type NodeId } from './wire/identity.js'
import { decodeMessage, sizeOf } from './wire/message.js'
import { idOfReturn, returnPathOf } from './wire/return-path.js'

export interface IncomingOptions {
  readonly channels: Channels
  readonly beacons: KnownBeacons
  readonly policy: SecurityPolicy
  readonly counters: Counters
  readonly maxMessageSize: number
  /** Whether nodes that ask for it are answered on the connections that they make. */
  readonly answersOnConnections: boolean
  /** Gives a message to the machine. */
  step(input: Input): void
  /** Somebody asks who is here. */
  onQuestion(routingId: Buffer): void
}

/** Examines what comes from the network, and counts it. */
export class Incoming implements Receiver {
  readonly #options: IncomingOptions
  #closed = false

  constructor(options: IncomingOptions) {
    this.#options = options
  }

  /** A whisper of a peer that is present goes to its channel. The policy examines every other message. */
  onMessage(frames: Buffer[], at: number): void {
    if (this.#closed) return
    const { counters, onQuestion } = this.#options
    const routingId = frames.shift() as Buffer
    if (this.#takeWhisper(routingId, frames, at)) return
    const from = idOfRoutingId(routingId) ?? idOfReturn(routingId)
    if (from !== undefined) this.#take(from, frames, routingId)
    else if (isQuestion(routingId, frames)) onQuestion(routingId)
    else counters.dropped('routing-id', routingId.toString('hex', 0, 17))
  }

  onAnswer(frames: Buffer[], at: number): void {
    if (this.#closed) return
    const routingId = frames.shift() as Buffer
    if (this.#takeWhisper(routingId, frames, at)) return
    this.#take(idOfRoutingId(routingId) as NodeId, frames, undefined)
  }

  #takeWhisper(routingId: Buffer, frames: Buffer[], at: number): boolean {
    const { channels, counters, maxMessageSize } = this.#options
    const size = sizeOf(frames)
    counters.messageReceived(size)
    return size <= maxMessageSize && channels.get(routingId)?.receive(frames, at) === true
  }

  /** `routingId`: undefined for what came by our own connection to the peer. */
  #take(from: NodeId, frames: Buffer[], routingId: Buffer | undefined): void {
    const { policy, counters, maxMessageSize, answersOnConnections, step } = this.#options
    const fits = sizeOf(frames) <= maxMessageSize
    if (!policy.verify(from, frames)) return
    // libzmq holds each frame against the limit, and not their sum.
    const message = fits ? decodeMessage(frames) : 'message-size'
    if (typeof message === 'string') counters.dropped(message, from)
    else if (message.type === 'hello') {
      const back = routingId && answersOnConnections ? returnPathOf(routingId, message.headers) : undefined
      policy.onHello(from, message, { back, answered: routingId === undefined })
    } else step({ type: 'message', from, message })
  }

  onDatagram(bytes: Buffer, address: string): void {
    if (this.#closed) return
    this.#options.counters.beaconReceived()
    this.#options.beacons.receive(bytes, address)
  }

  /** Nothing more is let through. */
  close(): void {
    this.#closed = true
  }
}
