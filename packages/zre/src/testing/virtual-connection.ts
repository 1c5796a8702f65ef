import type { OpenMailbox } from '../transport.js'
import { sizeOf } from '../wire/message.js'

export interface VirtualConnectionOptions {
  /** Whose it is. */
  readonly from: string
  /** Whom it is for. */
  readonly peer: string
  readonly endpoint: string
  /** What its messages come under at the other end. */
  readonly routingId: Buffer
  /** Tells its holder. Nothing is told of a connection that has been replaced. */
  tell(type: 'connected' | 'disconnected'): void
  /** Hands a message to the network. */
  carry(connection: VirtualConnection, frames: Buffer[]): void
}

/** The mailbox of one virtual node at another: it keeps the order of messages, as a TCP connection does. */
export class VirtualConnection implements OpenMailbox {
  readonly from: string
  readonly peer: string
  readonly endpoint: string
  readonly routingId: Buffer
  /** On which its holder is answered. */
  back: VirtualConnection | undefined
  readonly tell: (type: 'connected' | 'disconnected') => void
  readonly #carry: VirtualConnectionOptions['carry']
  /** False: what is under way is lost. */
  open = true
  /** Which node answered at the endpoint. */
  to: string | undefined
  /** What was sent before a node answered. */
  waiting: Buffer[][] = []
  /** Bytes that have not arrived yet. */
  queued = 0
  /** What waits for a way to where it is going. */
  readonly held: Buffer[][] = []
  /** How often a connection was refused. */
  refused = 0

  constructor(options: VirtualConnectionOptions) {
    this.from = options.from
    this.peer = options.peer
    this.endpoint = options.endpoint
    this.routingId = options.routingId
    this.tell = options.tell
    this.#carry = options.carry
  }

  hasRoom(bytes: number, maxQueueSize: number): boolean {
    return this.queued === 0 || this.queued + bytes <= maxQueueSize
  }

  send(frames: Buffer[], bytes = sizeOf(frames)): void {
    this.queued += bytes
    this.#carry(this, frames)
  }
}
