import { PIECE_BYTES, Pieces } from '../../shared/pieces.js'
import type { RequestExchange } from '../transport.js'
import { ReceiveWindow } from './receive-window.js'
import type { StreamHost } from './stream-host.js'

/**
 * Why bytes are not taken: their sender had no credit for them or had ended the body before; the body would not have the length
 * that its head tells; or there is more now than the peer may have waiting.
 */
export type BodyFault = 'protocol' | 'length' | 'overfull'

/**
 * The body of a request that comes in parts. The exchange holds what its handler is about to read, and says when that was read.
 * What comes meanwhile waits here, joined, and counts with the head against what the peer may have waiting.
 */
export class RequestBody {
  readonly #carrier: StreamHost
  readonly #receiver: ReceiveWindow
  /** Bytes that the exchange holds, and its handler has not read. */
  #unread = 0
  #waiting: Pieces | undefined
  /** What it takes to keep the head of the request. */
  readonly #headBytes: number
  /** What it has added to the peer's count. */
  #counted: number
  /** The bytes that have come. */
  #received = 0
  #ended = false
  #closed = false

  constructor(carrier: StreamHost, headBytes: number, addCredit: (bytes: number) => void) {
    this.#carrier = carrier
    this.#receiver = new ReceiveWindow(addCredit, carrier.load.windows, carrier.windows)
    this.#headBytes = headBytes
    this.#counted = headBytes
    carrier.load.buffered += headBytes
  }

  /** All of it is here. */
  get ended(): boolean {
    return this.#ended
  }

  /** Takes the next bytes. What is wrong with them, if they are not taken. */
  take(exchange: RequestExchange, bytes: Buffer, end: boolean): BodyFault | undefined {
    if (this.#ended || !this.#receiver.received(bytes.length)) return 'protocol'
    this.#received += bytes.length
    if (!fits(this.#received, end, exchange.length)) return 'length'
    this.#ended = end
    if (this.#unread === 0) this.#hand(exchange, bytes)
    else {
      this.#waiting ??= new Pieces()
      this.#waiting.push(bytes)
    }
    const before = this.#counted
    this.#count()
    if (this.#counted > before && this.#carrier.load.overfull(this.#counted)) return 'overfull'
    if (end) this.#finish(exchange)
    return undefined
  }

  /** The exchange has to hold what its handler reads later. */
  #finish(exchange: RequestExchange): void {
    for (let piece = this.#waiting?.shift(); piece !== undefined; piece = this.#waiting?.shift())
      this.#hand(exchange, piece)
    exchange.endBody()
  }

  /** The handler has read what the exchange held. */
  resumed(exchange: RequestExchange): void {
    if (this.#unread === 0) return
    const taken = this.#unread
    this.#unread = 0
    while (this.#unread === 0) {
      const piece = this.#waiting?.shift()
      if (piece === undefined) break
      this.#hand(exchange, piece)
    }
    this.#count()
    this.#wanted(taken)
  }

  /** The stream is left. What its handler reads from now on is off the count already. */
  close(): void {
    if (this.#closed) return
    this.#carrier.load.buffered -= this.#counted
    this.#closed = true
    this.#receiver.close()
  }

  #hand(exchange: RequestExchange, bytes: Buffer): void {
    if (exchange.push(bytes)) this.#wanted(bytes.length)
    else this.#unread += bytes.length
  }

  #wanted(bytes: number): void {
    if (!this.#closed && !this.#ended) this.#receiver.read(bytes)
  }

  /** What waits is counted with the memory that it takes. */
  #count(): void {
    if (this.#closed) return
    const unread = this.#unread === 0 ? 0 : this.#unread + PIECE_BYTES
    const counted = this.#headBytes + unread + (this.#waiting?.cost ?? 0)
    this.#carrier.load.buffered += counted - this.#counted
    this.#counted = counted
  }
}

/** Whether so many bytes can be those of a body of a certain length, or all of them. */
function fits(bytes: number, isAll: boolean, length: number | undefined): boolean {
  if (length === undefined) return true
  return isAll ? bytes === length : bytes <= length
}
