import { WINDOW } from '../../shared/limits.js'
import type { BodySource, CloseReason, RequestStream, ResponseHandler } from '../transport.js'
import { Body } from './incoming-body.js'
import { sendBody } from './send-body.js'
import { SendWindow } from './send-window.js'
import type { StreamHost } from './stream-host.js'

/**
 * The caller's end of a stream: its request goes out, its answer comes in. As over HTTP, an answer may be complete
 * before its request is, and the rest of the request goes out all the same, unless the service says that nobody reads it.
 */
export class ClientStream implements RequestStream {
  readonly id: number
  readonly #carrier: StreamHost
  readonly #handler: ResponseHandler
  #sender: SendWindow | undefined
  /** The request has left, or leaves when this turn is over: it may have run. Set by the session. */
  sent = false
  #body: Body | undefined
  #answered = false
  #complete = false
  #closed = false
  #stopReading: (() => void) | undefined

  constructor(carrier: StreamHost, id: number, handler: ResponseHandler) {
    this.id = id
    this.#carrier = carrier
    this.#handler = handler
  }

  get key(): number {
    return this.id
  }

  /** Made when it is needed: a request that leaves whole needs none. */
  get sender(): SendWindow {
    this.#sender ??= new SendWindow(
      (bytes, end, done) => {
        this.#carrier.data('caller', this.id, bytes, end, done)
        if (end && this.#complete) this.#finish()
      },
      () => this.#carrier.roomFor(this),
      this.#carrier.windows,
    )
    return this.#sender
  }

  /** There is room for more of the request. */
  flow(): void {
    this.#sender?.flow()
  }

  /** The service reads on. */
  onCredit(bytes: number): void {
    this.#sender?.addCredit(bytes)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Reads the body of the request as fast as the service takes it. */
  sendBody(open: () => BodySource): void {
    this.#stopReading = sendBody(open, this.sender, (error) => this.#bodyFailed(error))
  }

  /** Nobody waits for the answer, or reads it, any more. */
  cancel(): void {
    if (this.#closed) return
    // First, since writing may send what is full, and fail: that must not be told to who has given up.
    const unsent = this.#finish()
    if (!unsent) this.#carrier.reset('caller', this.id, 'cancelled')
  }

  /** As `cancel`, and whoever reads the body is told why, whatever has come of it. */
  abort(reason: unknown): void {
    this.cancel()
    this.#body?.abort(reason)
  }

  onResponse(status: number, message: string, headers: string[], bytes: Buffer, end: boolean): void {
    if (this.#answered || bytes.length > WINDOW) {
      this.#protocolError()
      return
    }
    this.#answered = true
    const body = end ? bytes : this.#receive(bytes)
    if (end) this.#completed()
    this.#handler.onResponse(status, message, headers, body)
  }

  expectLength(length: number): void {
    if (this.#body?.expect(length) === false) this.#protocolError()
  }

  /** Memory for the next bytes of the answer, if it is gathered. */
  place(length: number): Buffer | undefined {
    return this.#body?.place(length)
  }

  onData(bytes: Buffer, end: boolean): void {
    const body = this.#body
    if (body === undefined || this.#complete || !body.push(bytes) || (end && !body.isWhole)) {
      this.#protocolError()
      return
    }
    if (!end) return
    body.end()
    this.#completed()
  }

  lose(cause: CloseReason): void {
    if (this.#closed) return
    this.#finish()
    this.#handler.onError(cause, this.sent)
  }

  #bodyFailed(error: unknown): void {
    if (this.#closed) return
    this.#handler.onError({ type: 'body', error }, this.sent)
    this.cancel()
  }

  #receive(first: Buffer): Body {
    const body = new Body(
      (credit) => this.#carrier.openPacket().credit('caller', this.id, credit),
      this.#carrier.load.windows,
      this.#carrier.windows,
      () => this.cancel(),
    )
    body.push(first)
    this.#body = body
    return body
  }

  #protocolError(): void {
    this.#carrier.protocolError('caller', this.id)
    this.lose({ type: 'reset', why: 'protocol' })
  }

  #completed(): void {
    this.#complete = true
    if (this.#sender?.stopped ?? true) this.#finish()
  }

  /** True if the request has not left. */
  #finish(): boolean {
    this.#closed = true
    this.#sender?.stop()
    this.#body?.close()
    const unsent = this.#carrier.forget(this)
    this.#stopReading?.()
    this.#handler.onEnd()
    return unsent
  }
}
