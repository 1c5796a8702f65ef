import { AsyncResource } from 'node:async_hooks'
import { errorResponse } from '../../http/error-responses.js'
import type { Rejection } from '../../http/headers.js'
import type { AbortReason, Done, RequestExchange, ResponseSink } from '../transport.js'
import { isAnswered, resetReasons } from './abort-reasons.js'
import { RequestBody } from './request-body.js'
import { SendWindow } from './send-window.js'
import { type ResponseHead, SMALL_BODY, type StreamHost } from './stream-host.js'
import { SERVICE_KEYS } from './stream-ids.js'

export interface Asked {
  readonly stream: number
  readonly method: string
  /** What it takes to keep its head. */
  readonly headBytes: number
  /** What there is of the body. */
  readonly body: Buffer
  /** No more of it follows. */
  readonly end: boolean
}

/**
 * The service's end of a stream: its request comes in, its answer goes out. As over HTTP, an answer may be complete
 * before its request is, and whoever reads the request reads on; if nobody does, the caller is told.
 */
export class ServerStream implements ResponseSink {
  readonly id: number
  readonly key: number
  readonly streams = true
  readonly #carrier: StreamHost
  readonly #asked: Asked
  /** Made when they are needed: a request that comes whole, and an answer that leaves whole, need none. */
  #sender: SendWindow | undefined
  /** Of a request that comes in parts. */
  readonly #body: RequestBody | undefined
  /** What it takes to keep a request that comes whole. */
  readonly #counted: number = 0
  #exchange: RequestExchange | undefined
  #head: ResponseHead | undefined
  #headed = false
  /** The beginning of the body, which leaves with the head at the end of the turn, in case that brings the end. */
  #first: Buffer | undefined
  #firstDone: Done | undefined
  /** The answer is complete, or given up. */
  #over = false
  /** Nothing more goes either way. */
  #left = false
  /** It was left because the peer is gone, or starts over, and the handler has yet to be told. */
  #detached = false

  constructor(carrier: StreamHost, asked: Asked) {
    this.id = asked.stream
    this.key = SERVICE_KEYS + asked.stream
    this.#carrier = carrier
    this.#asked = asked
    if (asked.end) {
      this.#counted = asked.headBytes + asked.body.length
      carrier.load.buffered += this.#counted
    } else {
      this.#body = new RequestBody(carrier, asked.headBytes, (bytes) =>
        carrier.openPacket().credit('service', this.id, bytes),
      )
    }
  }

  get #out(): SendWindow {
    if (this.#sender === undefined) {
      this.#sender = new SendWindow(
        (bytes, end, done) => {
          this.#carrier.data('service', this.id, bytes, end, done)
          if (end) this.#finish(null, true)
        },
        () => this.#carrier.roomFor(this),
        this.#carrier.windows,
      )
      if (this.#over) this.#sender.stop()
    }
    return this.#sender
  }

  /** The request is here to its end. */
  get #received(): boolean {
    return this.#body === undefined || this.#body.ended
  }

  begin(exchange: RequestExchange): void {
    this.#exchange = exchange
  }

  reject(rejection: Rejection): void {
    this.#over = true
    this.#carrier.reset('service', this.id, rejection)
    this.#leave(false)
  }

  head(status: number, message: string, headers: string[]): void {
    this.#headed = true
    if (this.#detached) return
    this.#head = { status, message, headers }
    this.#carrier.hold(this)
  }

  data(chunks: readonly Buffer[], done: Done): void {
    if (this.#detached) {
      done()
      return
    }
    const isFirst = this.#head !== undefined && this.#first === undefined
    if (isFirst && sizeOf(chunks) <= SMALL_BODY) {
      this.#first = Buffer.concat(chunks)
      done()
      return
    }
    // As with a write to a real socket, what the handler stored for its request is there when the write is done.
    // Not `AsyncResource.bind`, which takes longer than all the rest: Node 20 makes a deprecated property for each.
    const resource = new AsyncResource('SLEUTHWRITE')
    const bound: Done = (error) => resource.runInAsyncScope(done, undefined, error)
    if (isFirst && chunks.length === 1) {
      this.#first = chunks[0]
      this.#firstDone = bound
      return
    }
    this.flush()
    const last = chunks.length - 1
    chunks.forEach((chunk, index) => {
      this.#out.write(chunk, index === last ? bound : ignore)
    })
  }

  end(): void {
    if (this.#detached || this.#over) return
    if (this.#head === undefined) this.#out.end()
    else if (this.#respond(true)) this.#finish(null, true)
  }

  abort(reason: AbortReason): void {
    if (this.#over) return
    const answers = !this.#headed && !this.#detached && isAnswered(reason)
    if (answers) {
      this.#respondOwn(reason)
    } else if (reason !== 'client-disconnected' && !this.#detached) {
      this.flush()
      if (!this.#over) this.#carrier.reset('service', this.id, resetReasons[reason])
    }
    this.#finish(reason, answers)
  }

  /** What was held back is written; more follows. */
  flush(): void {
    if (this.#head !== undefined) this.#respond(false)
  }

  /** There is room for more of the answer. */
  flow(): void {
    this.#exchange?.run(() => this.#sender?.flow())
  }

  /** The caller reads on. */
  onCredit(bytes: number): void {
    this.#exchange?.run(() => this.#sender?.addCredit(bytes))
  }

  onData(bytes: Buffer, end: boolean): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    const fault = this.#body === undefined ? 'protocol' : this.#body.take(exchange, bytes, end)
    if (fault === undefined) {
      if (end && this.#over) this.#leave(false)
    } else if (fault === 'length' && !this.#over) {
      exchange.abort('length')
    } else {
      // Not 'overloaded': that is for what no handler was given, and may be sent elsewhere whatever its method.
      if (fault === 'overfull') this.#carrier.reset('service', this.id, 'lost')
      else this.#carrier.protocolError('service', this.id)
      this.onReset()
    }
  }

  resumed(): void {
    if (this.#exchange !== undefined) this.#body?.resumed(this.#exchange)
  }

  /** Nobody will read the rest of the request. */
  unread(): void {
    if (this.#left || !this.#over) return
    this.#carrier.reset('service', this.id, 'cancelled')
    this.#leave(true)
  }

  /** Nothing goes either way any more. Its handler is told by `onReset`, which may come in a later turn. */
  detach(): void {
    this.#detached = true
    this.#head = undefined
    this.#dropFirst()
    this.#leave(false)
  }

  /** The caller hung up. */
  onReset(): void {
    if (this.#left && !this.#detached) return
    this.#detached = false
    const wasOver = this.#over
    this.#leave(false)
    if (wasOver) this.#exchange?.abortBody()
    else this.#exchange?.abort('client-disconnected')
    this.#finish('client-disconnected', false)
  }

  /** Whether that was all of the answer. A head that is too large for the wire is answered for. */
  #respond(end: boolean): boolean {
    const head = this.#head as ResponseHead
    this.#head = undefined
    const first = this.#first ?? nothing
    const together = this.#carrier.fitsHead(first.length)
    const whole = end && together
    const done = this.#firstDone
    this.#firstDone = undefined
    if (
      this.#carrier.respond(this.id, head, together ? first : nothing, whole, together ? done : undefined)
    ) {
      if (whole) return true
      if (together) {
        this.#out.takeCredit(first.length)
        if (end) this.#out.end()
      } else {
        this.#out.write(first, done ?? ignore, end)
      }
      return false
    }
    done?.()
    this.#respondOwn('too-large')
    this.#finish('too-large', true)
    this.#exchange?.abort('too-large')
    return false
  }

  /** The beginning of the body never leaves. */
  #dropFirst(): void {
    this.#firstDone?.()
    this.#firstDone = undefined
  }

  #respondOwn(reason: AbortReason): void {
    const { status, message, headers, body } = errorResponse(reason, this.#asked.method)
    this.#carrier.respond(this.id, { status, message, headers }, body, true)
    if (!this.#received) this.#carrier.reset('service', this.id, 'cancelled')
  }

  /** `answered`: the packet of this turn has the end of an answer. */
  #finish(reason: AbortReason | null, answered: boolean): void {
    if (this.#over) return
    this.#over = true
    this.#head = undefined
    if (this.#firstDone !== undefined) this.#dropFirst()
    this.#sender?.stop()
    if (this.#received || reason !== null) this.#leave(answered)
    this.#exchange?.answered(reason)
  }

  #leave(answered: boolean): void {
    if (this.#left) return
    this.#left = true
    this.#carrier.load.buffered -= this.#counted
    this.#body?.close()
    this.#carrier.over(this, answered)
  }
}

const nothing = Buffer.alloc(0)

function ignore(): void {}

function sizeOf(chunks: readonly Buffer[]): number {
  let size = 0
  for (const chunk of chunks) size += chunk.length
  return size
}
