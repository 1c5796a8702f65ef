import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { AbortLike } from '../shared/abort.js'
import { sleuthError } from '../shared/errors.js'
import { type Bounded, deadlineMark, ownListener } from '../shared/marks.js'

/** W3C Trace Context, W3C Baggage, and the id that proxies set. */
const PROPAGATED = ['traceparent', 'tracestate', 'baggage', 'x-request-id']

/** The object that tells how a request ends: its response, or its stream in HTTP/2. */
type Ending = ServerResponse | ServerHttp2Stream

/**
 * The request that a call is made for, over sleuth or HTTP. It aborts when its caller hangs up: that is when the response
 * closes before it has finished.
 */
export class RequestContext implements AbortLike {
  readonly #req: IncomingMessage
  readonly #ending: Ending | undefined
  readonly #listeners = new Set<() => void>()
  #listening = false

  /** Without `res` it looks for the response: some frameworks give only the request. */
  constructor(req: IncomingMessage, res?: ServerResponse) {
    this.#req = req
    this.#ending = req.httpVersionMajor > 1 ? streamOf(req) : (res ?? responseOf(req))
  }

  /** Milliseconds. Once the head of the response is written, its caller waits without end, and so may this call. */
  get timeLeft(): number {
    const at = (this.#req as Bounded)[deadlineMark]
    if (at === undefined || this.#ending === undefined || this.#ending.headersSent) return Infinity
    return at - performance.now()
  }

  /** The fields that each call takes over from the request. Names and values alternate. */
  get inherited(): string[] {
    const { headers } = this.#req
    const fields: string[] = []
    for (const name of PROPAGATED) {
      const value = headers[name]
      if (value !== undefined && value !== '') fields.push(name, String(value))
    }
    return fields
  }

  get aborted(): boolean {
    const ending = this.#ending
    if (ending === undefined) return false
    return 'aborted' in ending ? ending.aborted : ending.destroyed && !ending.writableFinished
  }

  get reason(): unknown {
    return sleuthError('SLEUTH_CALLER_GONE', {}, { mayHaveRun: true })
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener)
    if (this.#listening) return
    this.#listening = true
    this.#ending?.once(
      'close',
      ownListener(() => this.#closed()),
    )
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  #closed(): void {
    if (this.aborted) for (const listener of [...this.#listeners]) listener()
    this.#listeners.clear()
  }
}

/** In HTTP/2 the response hides whether it was closed too early. */
function streamOf(req: IncomingMessage): ServerHttp2Stream | undefined {
  return (req as { stream?: ServerHttp2Stream }).stream
}

/**
 * Node's server keeps the current response of a connection with its socket, and removes it when it has finished: then there
 * is no caller left that could disconnect.
 */
function responseOf(req: IncomingMessage): ServerResponse | undefined {
  const { _httpMessage: res } = req.socket as { _httpMessage?: ServerResponse | null }
  return res?.req === req ? res : undefined
}
