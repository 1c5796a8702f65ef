import type { Exchange } from '../serve/exchange.js'
import { ownAnswer } from '../serve/own-answer.js'
import type { CutReason, Reply } from '../serve/types.js'
import type { ResetName } from '../wire2/format.js'
import type { Link } from './link.js'
import { Receiver } from './receiver.js'
import { type Done, Sender } from './sender.js'

/** Up to here a body is copied and kept for the rest of the turn, so that head, body and end leave as one frame. */
const SMALL_BODY = 16 * 1024

interface Head {
  readonly status: number
  readonly message: string
  readonly headers: string[]
}

const resetNames: Record<CutReason, ResetName> = {
  destroyed: 'destroyed',
  failed: 'failed',
  'too-large': 'failed',
  timeout: 'timeout',
  'hung-up': 'cancelled',
  closed: 'closed',
}

/** The service's end of a stream: its request comes in, its answer goes out. */
export class Answering implements Reply {
  readonly id: number
  readonly streams = true
  readonly sender: Sender
  readonly #link: Link
  readonly #method: string
  readonly #settled: () => void
  readonly #receiver: Receiver
  #exchange: Exchange | undefined
  #deadline: NodeJS.Timeout | undefined
  #head: Head | undefined
  #headed = false
  #small: Buffer | undefined
  #unread = 0
  #over = false

  /** `settled` is called once, when the answer is complete or given up. */
  constructor(link: Link, id: number, method: string, settled: () => void) {
    this.id = id
    this.#link = link
    this.#method = method
    this.#settled = settled
    this.sender = new Sender((bytes, end) => {
      link.packet.data('service', id, bytes, end)
      if (end) this.#finish()
    })
    this.#receiver = new Receiver((bytes) => link.packet.credit('service', id, bytes))
  }

  /** The handler runs. `deadline`: milliseconds after which nobody waits for the head any more; 0 for none. */
  begin(exchange: Exchange, deadline: number, firstBytes: number): void {
    if (this.#over) return
    this.#exchange = exchange
    this.#receiver.arrived(firstBytes)
    this.onWanted(firstBytes)
    if (deadline > 0 && !this.#headed) {
      this.#deadline = setTimeout(() => exchange.abort('hung-up'), deadline)
    }
  }

  /** The handler has read, or will read, bytes of the request. */
  onWanted(bytes: number): void {
    if (!this.#over) this.#receiver.consumed(bytes)
  }

  head(status: number, message: string, headers: string[]): void {
    clearTimeout(this.#deadline)
    this.#headed = true
    this.#head = { status, message, headers }
    this.#link.hold(this)
  }

  data(chunks: readonly Buffer[], done: Done): void {
    if (this.#head !== undefined && this.#small === undefined && sizeOf(chunks) <= SMALL_BODY) {
      this.#small = Buffer.concat(chunks)
      done()
      return
    }
    this.flush()
    const last = chunks.length - 1
    chunks.forEach((chunk, index) => {
      this.sender.write(chunk, index === last ? done : ignore)
    })
  }

  end(): void {
    const head = this.#head
    if (head === undefined) {
      this.sender.end()
      return
    }
    this.#head = undefined
    this.#link.packet.response(this.id, head.status, head.message, head.headers, this.#small ?? nothing, true)
    this.#finish()
  }

  cut(reason: CutReason): void {
    if (this.#over) return
    clearTimeout(this.#deadline)
    if (!this.#headed && (reason === 'timeout' || reason === 'closed')) {
      const { status, message, headers, body } = ownAnswer(reason, this.#method)
      this.#link.packet.response(this.id, status, message, headers, body, true)
    } else if (reason !== 'hung-up') {
      this.flush()
      this.#link.packet.reset('service', this.id, resetNames[reason])
    }
    this.#finish()
  }

  /** What was held back is written; more follows. */
  flush(): void {
    const head = this.#head
    if (head === undefined) return
    this.#head = undefined
    const body = this.#small ?? nothing
    this.sender.spend(body.length)
    this.#link.packet.response(this.id, head.status, head.message, head.headers, body, false)
  }

  onData(bytes: Buffer, end: boolean): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    if (!this.#receiver.arrived(bytes.length)) {
      this.#link.packet.reset('service', this.id, 'protocol')
      this.#finish()
      exchange.abort('hung-up')
      return
    }
    if (exchange.push(bytes)) this.#receiver.consumed(bytes.length)
    else this.#unread += bytes.length
    if (end) exchange.endBody()
  }

  resumed(): void {
    const bytes = this.#unread
    this.#unread = 0
    this.onWanted(bytes)
  }

  /** The caller hung up. */
  onReset(): void {
    if (this.#over) return
    const exchange = this.#exchange
    this.#finish()
    exchange?.abort('hung-up')
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#deadline)
    this.sender.stop()
    this.#link.answered(this)
    this.#settled()
  }
}

const nothing = Buffer.alloc(0)

function ignore(): void {}

function sizeOf(chunks: readonly Buffer[]): number {
  let size = 0
  for (const chunk of chunks) size += chunk.length
  return size
}
