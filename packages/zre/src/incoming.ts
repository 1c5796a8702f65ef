import type { Channels } from './data-plane/channels.js'
import type { KnownBeacons } from './data-plane/known-beacons.js'
import type { Input } from './machine/types.js'
import type { SecurityPolicy } from './security/security-policy.js'
import type { Counters } from './stats.js'
import type { Receiver } from './transport.js'
import { isQuestion } from './wire/identify.js'
import { idOfRoutingId } from './wire/identity.js'
import { decodeMessage, sizeOf } from './wire/message.js'

export interface IncomingOptions {
  readonly channels: Channels
  readonly beacons: KnownBeacons
  readonly policy: SecurityPolicy
  readonly counters: Counters
  readonly maxMessageSize: number
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
    const { channels, policy, counters, maxMessageSize, step, onQuestion } = this.#options
    const routingId = frames.shift() as Buffer
    const size = sizeOf(frames)
    counters.messageReceived(size)
    const fits = size <= maxMessageSize
    if (fits && channels.get(routingId)?.receive(frames, at)) return
    const from = idOfRoutingId(routingId)
    if (from === undefined) {
      if (isQuestion(routingId, frames)) {
        onQuestion(routingId)
        return
      }
      counters.dropped('routing-id', routingId.toString('hex', 0, 17))
      return
    }
    if (!policy.verify(from, frames)) return
    // libzmq holds each frame against the limit, and not their sum.
    const message = fits ? decodeMessage(frames) : 'message-size'
    if (typeof message === 'string') counters.dropped(message, from)
    else if (message.type === 'hello') policy.onHello(from, message)
    else step({ type: 'message', from, message })
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
