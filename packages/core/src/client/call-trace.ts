import { type AttemptMessage, attemptChannel, type CallHeaders, callChannel } from '../shared/diagnostics.js'
import type { Instance } from '../types.js'
import type { Call, EndedAttempt, Reply, TracedCall } from './call.js'
import type { RequestContext } from './request-context.js'

type AttemptResult = Pick<AttemptMessage, 'outcome' | 'status' | 'error'>

/** What sends calls. */
interface Sender {
  call(call: Call, origin: RequestContext | undefined): Promise<Reply>
}

/** One call on the tracing channel `sleuth.call`. It publishes what `TracingChannel.tracePromise` does, in the same order. */
export class CallTrace implements TracedCall {
  readonly service: string
  readonly method: string
  readonly url: string
  readonly headers: CallHeaders
  instance: Instance | undefined
  status: number | undefined
  error: unknown
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
    this.service = call.target.service
    this.method = call.method
    this.url = call.target.url
    this.headers = new TracedHeaders(call)
  }

  get attempts(): number {
    return this.#call.tries
  }

  /** Sends the call with the stores that subscribers have bound to `start`. */
  send(calls: Sender, origin: RequestContext | undefined): Promise<Reply> {
    return callChannel.start.runStores(this, () => {
      try {
        return calls.call(this.#call, origin)
      } catch (error) {
        // A call that can't begin fails as any other does.
        return Promise.reject(error)
      } finally {
        callChannel.end.publish(this)
      }
    })
  }

  answered(status: number): void {
    this.status = status
    this.#ended()
  }

  failed(error: unknown): void {
    this.error = error
    callChannel.error.publish(this)
    this.#ended()
  }

  attemptAnswered(attempt: EndedAttempt, now: number, status: number): void {
    this.instance = attempt.endpoint.instance
    this.#publish(attempt, now, { outcome: 'answered', status })
  }

  attemptFailed(attempt: EndedAttempt, now: number, error: unknown): void {
    this.#publish(attempt, now, { outcome: 'failed', error })
  }

  attemptCancelled(attempt: EndedAttempt, now: number): void {
    this.#publish(attempt, now, { outcome: 'cancelled' })
  }

  #publish({ endpoint, cause, sentAt }: EndedAttempt, now: number, result: AttemptResult): void {
    if (!attemptChannel.hasSubscribers) return
    const { instance } = endpoint
    const message: AttemptMessage = { call: this, instance, cause, duration: now - sentAt, ...result }
    attemptChannel.publish(message)
  }

  #ended(): void {
    callChannel.asyncStart.publish(this)
    callChannel.asyncEnd.publish(this)
  }
}

class TracedHeaders implements CallHeaders {
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  get(name: string): string | undefined {
    return this.#call.headers.get(name)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  set(name: string, value: string): void {
    this.#call.headers = this.#call.headers.replaced(name, value)
  }
}
