import type { ResetName } from '../wire2/format.js'
import type { PacketWriter } from '../wire2/writer.js'

interface Reset {
  readonly by: 'caller' | 'service'
  readonly stream: number
  readonly why: ResetName
}

/** Milliseconds between attempts to tell the peer what could not be told. */
const PAUSE = 50

/** Who is owed as many reads nothing, and asks all the same. */
const MOST = 10_000

/** Streams that the peer does not know to be over, since the packet that would have told it was lost. */
export class Owed {
  readonly #send: () => void
  #resets: Reset[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `send` is called when it is time for another attempt. */
  constructor(send: () => void) {
    this.#send = send
  }

  get any(): boolean {
    return this.#resets.length > 0
  }

  /** The peer is not heard until it has read what it is owed. */
  get isFull(): boolean {
    return this.#resets.length >= MOST
  }

  add(by: 'caller' | 'service', stream: number, why: ResetName): void {
    this.#resets.push({ by, stream, why })
  }

  write(packet: PacketWriter): void {
    for (const { by, stream, why } of this.#resets) packet.reset(by, stream, why)
  }

  /** The packet has left. */
  paid(): void {
    if (this.any) this.#resets = []
  }

  /** The packet was lost. What is owed is no reason to go on for a process that has nothing else to do. */
  later(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#again(), PAUSE).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #again(): void {
    this.#timer = undefined
    if (this.any) this.#send()
  }
}
