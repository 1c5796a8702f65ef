import { MAX_RESETS, type ResetName } from './format.js'
import type { PacketWriter } from './writer.js'

interface Reset {
  readonly by: 'caller' | 'service'
  readonly stream: number
  readonly why: ResetName
}

/** Milliseconds between attempts to tell the peer what could not be told. */
const PAUSE = 50

/** Who is owed as many reads nothing, and asks all the same. */
const MOST = 10_000

/** Streams that the peer may not know to be over: the packet that says so has not left, or was lost. */
export class PendingResets {
  readonly #send: () => void
  /** In no packet. */
  #unsaid: Reset[] = []
  /** In the packet that has not left yet. */
  #said: Reset[] = []
  /** Those that did not fit into it. */
  #next: Reset[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `send` is called when it is time for another attempt. */
  constructor(send: () => void) {
    this.#send = send
  }

  /** The peer is not heard until it has read what it is owed. */
  get isFull(): boolean {
    return this.#unsaid.length + this.#said.length + this.#next.length >= MOST
  }

  add(by: 'caller' | 'service', stream: number, why: ResetName): void {
    this.#unsaid.push({ by, stream, why })
  }

  /** The packet that has not left yet says so. */
  said(by: 'caller' | 'service', stream: number, why: ResetName): void {
    this.#said.push({ by, stream, why })
  }

  /**
   * To be called for a packet that is empty: what is written after the loss of one may be the end of what was in it. True:
   * it has as many as it may, and is to leave; more are owed.
   */
  write(packet: PacketWriter): boolean {
    if (this.#unsaid.length === 0) return false
    const batch = this.#unsaid.slice(0, MAX_RESETS)
    for (const { by, stream, why } of batch) packet.reset(by, stream, why)
    this.#said = this.#said.concat(batch)
    this.#next = this.#unsaid.slice(MAX_RESETS)
    this.#unsaid = []
    return this.#next.length > 0
  }

  /** The packet has left. */
  paid(): void {
    if (this.#said.length > 0) this.#said = []
    if (this.#next.length === 0) return
    this.#unsaid = this.#next.concat(this.#unsaid)
    this.#next = []
  }

  /** The packet was lost. */
  unpaid(): void {
    this.#unsaid = this.#unsaid.concat(this.#said, this.#next)
    this.#said = []
    this.#next = []
  }

  /** Another attempt in a while. What is owed is no reason to go on for a process that has nothing else to do. */
  later(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#again(), PAUSE).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #again(): void {
    this.#timer = undefined
    if (this.#unsaid.length > 0) this.#send()
  }
}
