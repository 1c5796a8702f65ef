import type { ServerResponse } from 'node:http'
import { SleuthError } from '../shared/errors.js'
import { isCut } from './http2.js'

/** What a handler gets that reads the body, or calls another service, for a caller that hangs up. */
const codes = new Set<string>(['SLEUTH_REQUEST_BODY', 'SLEUTH_CALLER_GONE'])

interface Abortable {
  abort(reason: unknown): void
}

/** The end of a response: it is complete, or its caller hung up before. */
export class Hangup {
  readonly #res: ServerResponse
  #controller: AbortController | undefined
  #happened = false
  #onHangup: (() => void) | undefined
  /** The real request, if one was made. The handler may have dropped it, and use what it has made of it. */
  request: Abortable | undefined

  constructor(res: ServerResponse) {
    this.#res = res
    res.once('close', () => this.#onClose())
  }

  /** The signal of the request. It is made when somebody asks for it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#happened) this.#controller.abort()
    }
    return this.#controller.signal
  }

  get happened(): boolean {
    return this.#happened
  }

  /** Called at most once, when the response is complete, and only if that is from now on. */
  onComplete: (() => void) | undefined

  /** Whether a handler failed with this error because its caller hung up. Then nobody waits for its answer. */
  explains(error: unknown): boolean {
    if (!this.#happened) return false
    return (
      error === this.#controller?.signal.reason || (error instanceof SleuthError && codes.has(error.code))
    )
  }

  /** Called at most once, and only if it happens from now on. */
  set onHangup(listener: (() => void) | undefined) {
    this.#onHangup = listener
  }

  #onClose(): void {
    if (!isCut(this.#res)) {
      this.onComplete?.()
      return
    }
    this.#happened = true
    this.#controller?.abort()
    this.request?.abort(this.signal.reason)
    this.#onHangup?.()
  }
}
