import type { ResetReason } from '../transport.js'
import { MAX_RESETS } from './format.js'
import { PacketWriter } from './writer.js'

interface Reset {
  readonly by: 'caller' | 'service'
  readonly stream: number
  readonly why: ResetReason
}

/** Resets as they travel: encoded once, however often they are sent. */
interface Block {
  readonly frames: PacketWriter
  count: number
}

/** Milliseconds between attempts to tell the peer what could not be told. */
const PAUSE = 50

/** A peer for which as many wait reads nothing, and asks all the same. */
const MOST = 10_000

/** Streams that the peer may not know to be over: the packet that says so has not left, or was lost. */
export class PendingResets {
  readonly #send: () => void
  /** In no packet. None has more than a packet may. */
  #waiting: Block[] = []
  /** What the packet that has not left yet begins with. */
  #leading: Block | undefined
  /** Others in that packet. */
  #inPacket: Reset[] = []
  /** All of them. */
  #count = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `send` is called when it is time for another attempt. */
  constructor(send: () => void) {
    this.#send = send
  }

  /** The peer is not heard until it has read what waits for it. */
  get isFull(): boolean {
    return this.#count >= MOST
  }

  add(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.#count++
    this.#append({ by, stream, why })
  }

  /** It is in the packet that has not left yet. */
  written(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.#count++
    this.#inPacket.push({ by, stream, why })
  }

  /**
   * To be called for a packet that is empty: what is written after the loss of one may be the end of what was in it. True:
   * it has as many as it may, and is to leave; more wait.
   */
  write(packet: PacketWriter): boolean {
    this.#leading = this.#waiting.shift()
    if (this.#leading === undefined) return false
    packet.frame(this.#leading.frames.peek())
    return this.#waiting.length > 0
  }

  /** The packet has left. */
  sent(): void {
    this.#count -= (this.#leading?.count ?? 0) + this.#inPacket.length
    this.#leading = undefined
    if (this.#inPacket.length > 0) this.#inPacket = []
  }

  /** The packet was lost. */
  lost(): void {
    const since = this.#waiting
    this.#waiting = this.#leading === undefined ? [] : [this.#leading]
    this.#leading = undefined
    for (const block of since) this.#join(block)
    for (const reset of this.#inPacket) this.#append(reset)
    this.#inPacket = []
  }

  /** Another attempt in a while. A process that has nothing else to do does not go on for it. */
  retryLater(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#again(), PAUSE).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #append({ by, stream, why }: Reset): void {
    let block = this.#waiting.at(-1)
    if (block === undefined || block.count === MAX_RESETS) {
      block = { frames: new PacketWriter(), count: 0 }
      this.#waiting.push(block)
    }
    block.frames.reset(by, stream, why)
    block.count++
  }

  #join(block: Block): void {
    const last = this.#waiting.at(-1)
    if (last === undefined || last.count + block.count > MAX_RESETS) {
      this.#waiting.push(block)
      return
    }
    last.frames.frame(block.frames.peek())
    last.count += block.count
  }

  #again(): void {
    this.#timer = undefined
    if (this.#waiting.length > 0) this.#send()
  }
}
