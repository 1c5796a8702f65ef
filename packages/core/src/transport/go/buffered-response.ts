import { errorResponse } from '../../http/error-responses.js'
import { Pieces } from '../../shared/pieces.js'
import type { AbortReason, Done, ResponseSink } from '../transport.js'

/** A whole response. `headers` alternates names and values. */
export interface Gathered {
  status: number
  headers: string[]
  body: Buffer
}

/**
 * A reply for a wire that carries whole responses only. Such a wire can't cut a response
 * off: what is cut, or larger than the limit, is answered with an error in its place, which says more than
 * half a body would. `done` is called exactly once, with the reason if the answer is not the handler's.
 */
export class BufferedResponse implements ResponseSink {
  readonly #method: string
  readonly #limit: number
  readonly #done: (response: Gathered, reason: AbortReason | null) => void
  #status = 0
  #headers: string[] = []
  readonly #body = new Pieces()
  #answered = false

  constructor(method: string, limit: number, done: (response: Gathered, reason: AbortReason | null) => void) {
    this.#method = method
    this.#limit = limit
    this.#done = done
  }

  head(status: number, _message: string, headers: string[]): void {
    this.#status = status
    this.#headers = headers
    // Complete with its head, whenever its handler ends it.
    if (this.#method === 'HEAD' || status === 204 || status === 304) this.end()
  }

  data(chunks: readonly Buffer[], done: Done): void {
    let length = this.#body.size
    for (const chunk of chunks) length += chunk.length
    if (length > this.#limit) {
      this.cut('too-large')
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

  cut(reason: AbortReason): void {
    const { status, headers, body } = errorResponse(reason, this.#method)
    this.#answer({ status, headers, body }, reason)
  }

  #answer(response: Gathered, reason: AbortReason | null): void {
    if (this.#answered) return
    this.#answered = true
    this.#body.clear()
    this.#done(response, reason)
  }
}
