import type { IncomingMessage, ServerResponse } from 'node:http'
import { deadlineOf } from '../deadline.js'
import { sleuthError } from '../errors.js'
import type { Stop } from '../stop.js'
import type { RawHeaders } from '../wire/json.js'
import { addHeader, hasHeader } from './headers.js'

/** W3C Trace Context, W3C Baggage, and the id that proxies give. */
const carried = ['traceparent', 'tracestate', 'baggage', 'x-request-id']

/**
 * The request that a call is made for, over sleuth or HTTP. Aborts when its caller hangs up: when the response closes
 * before it is finished.
 */
export class Origin implements Stop {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse | undefined
  readonly #listeners = new Set<() => void>()
  #listening = false

  constructor(req: IncomingMessage, res = responseOf(req)) {
    this.#req = req
    this.#res = res
  }

  /** Milliseconds. Once the head of the response is there, its caller waits without end, and so may what is called. */
  get left(): number {
    const at = deadlineOf(this.#req)
    return at === undefined || this.#res === undefined || this.#res.headersSent
      ? Infinity
      : at - performance.now()
  }

  /** Adds what goes along from request to request. What the call itself says stays. */
  carry(headers: RawHeaders): void {
    const inbound = this.#req.headers
    for (const name of carried) {
      const value = inbound[name]
      if (value !== undefined && value !== '' && !hasHeader(headers, name)) addHeader(headers, name, value)
    }
  }

  get aborted(): boolean {
    return this.#res?.destroyed === true && !isFinished(this.#res)
  }

  get reason(): unknown {
    return sleuthError('SLEUTH_CALLER_GONE', {}, { mayHaveRun: true })
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener)
    if (this.#listening) return
    this.#listening = true
    this.#res?.once('close', () => this.#closed())
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  #closed(): void {
    if (this.aborted) for (const listener of [...this.#listeners]) listener()
    this.#listeners.clear()
  }
}

/** HTTP/2's response does not tell when the last byte was taken. */
function isFinished(res: ServerResponse): boolean {
  return res.writableFinished ?? res.writableEnded
}

/**
 * For frameworks that hand out a request alone. Node's server keeps the response that a connection is at with its
 * socket, and takes it away when it is finished: then there is nobody left to hang up.
 */
function responseOf(req: IncomingMessage): ServerResponse | undefined {
  const { _httpMessage: res } = req.socket as { _httpMessage?: ServerResponse | null }
  return res?.req === req ? res : undefined
}
