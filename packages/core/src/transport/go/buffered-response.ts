import { errorResponse } from '../../http/error-responses.js'
import type { Rejection } from '../../http/headers.js'
import { Pieces } from '../../shared/pieces.js'
import type { AbortReason, Done, RequestExchange, ResponseSink } from '../transport.js'

/** A whole response. `headers` alternates names and values. */
export interface WholeResponse {
  status: number
  headers: string[]
  body: Buffer
}

/**
 * A response for a wire that carries whole responses only. Such a wire can not break a response off: one that is aborted, or
 * larger than the limit, is replaced by an error, which says more than half a body would. `done` is called exactly once.
 */
export class BufferedResponse implements ResponseSink {
  /** Set once a handler has the request. */
  exchange: RequestExchange | undefined
  /** Set if no handler gets it. */
  rejection: Rejection | undefined
  readonly #method: string
  readonly #limit: number
  readonly #done: (response: WholeResponse, reason: AbortReason | null) => void
  #status = 0
  #headers: string[] = []
  readonly #body = new Pieces()
  #answered = false

  constructor(
    method: string,
    limit: number,
    done: (response: WholeResponse, reason: AbortReason | null) => void,
  ) {
    this.#method = method
    this.#limit = limit
    this.#done = done
  }

  begin(exchange: RequestExchange): void {
    this.exchange = exchange
  }

  reject(rejection: Rejection): void {
    this.rejection = rejection
    this.#answer(errorResponse(rejection, this.#method), null)
  }

  head(status: number, _message: string, headers: string[]): void {
    this.#status = status
    this.#headers = headers
    // These have no body, so the response is complete before its handler ends it.
    if (this.#method === 'HEAD' || status === 204 || status === 304) this.end()
  }

  data(chunks: readonly Buffer[], done: Done): void {
    let length = this.#body.size
    for (const chunk of chunks) length += chunk.length
    if (length > this.#limit) {
      this.abort('too-large')
      done(
        new Error(
          `The response is larger than ${this.#limit} bytes, which is the most that this wire takes.`,
        ),
      )
      return
    }
    this.#body.push(Buffer.concat(chunks))
    done()
  }

  end(): void {
    const body = this.#body.take()
    this.#answer({ status: this.#status, headers: this.#headers, body }, null)
  }

  abort(reason: AbortReason): void {
    if (reason === 'refused') {
      this.rejection ??= 'draining'
      this.#answer(errorResponse(this.rejection, this.#method), reason)
      return
    }
    this.#answer(errorResponse(reason, this.#method), reason)
  }

  #answer(response: WholeResponse, reason: AbortReason | null): void {
    if (this.#answered) return
    this.#answered = true
    this.#body.clear()
    this.#done(response, reason)
  }
}
