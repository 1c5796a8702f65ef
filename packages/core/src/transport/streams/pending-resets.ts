import type { ResetReason } from '../transport.js'
import { MAX_RESETS } from './format.js'
import type { PacketWriter } from './writer.js'

interface Reset {
  readonly by: 'caller' | 'service'
  readonly stream: number
  readonly why: ResetReason
}

/** Milliseconds between attempts to tell the peer what could not be told. */
const PAUSE = 50

/** A peer for which as many wait reads nothing, and asks all the same. */
const MOST = 10_000

/** Streams that the peer may not know to be over: the packet that says so has not left, or was lost. */
export class PendingResets {
  readonly #send: () => void
  /** In no packet. */
  #waiting: Reset[] = []
  /** In the packet that has not left yet. */
  #inPacket: Reset[] = []
  /** Those that did not fit into it. */
  #overflow: Reset[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `send` is called when it is time for another attempt. */
  constructor(send: () => void) {
    this.#send = send
  }

  /** The peer is not heard until it has read what waits for it. */
  get isFull(): boolean {
    return this.#waiting.length + this.#inPacket.length + this.#overflow.length >= MOST
  }

  add(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.#waiting.push({ by, stream, why })
  }

  /** It is in the packet that has not left yet. */
  written(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.#inPacket.push({ by, stream, why })
  }

  /**
   * To be called for a packet that is empty: what is written after the loss of one may be the end of what was in it. True:
   * it has as many as it may, and is to leave; more wait.
   */
  write(packet: PacketWriter): boolean {
    if (this.#waiting.length === 0) return false
    const batch = this.#waiting.slice(0, MAX_RESETS)
    for (const { by, stream, why } of batch) packet.reset(by, stream, why)
    this.#inPacket = this.#inPacket.concat(batch)
    this.#overflow = this.#waiting.slice(MAX_RESETS)
    this.#waiting = []
    return this.#overflow.length > 0
  }

  /** The packet has left. */
  sent(): void {
    if (this.#inPacket.length > 0) this.#inPacket = []
    if (this.#overflow.length === 0) return
    this.#waiting = this.#overflow.concat(this.#waiting)
    this.#overflow = []
  }

  /** The packet was lost. */
  lost(): void {
    this.#waiting = this.#waiting.concat(this.#inPacket, this.#overflow)
    this.#inPacket = []
    this.#overflow = []
  }

  /** Another attempt in a while. A process that has nothing else to do does not go on for it. */
  retryLater(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#again(), PAUSE).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #again(): void {
    this.#timer = undefined
    if (this.#waiting.length > 0) this.#send()
  }
}
