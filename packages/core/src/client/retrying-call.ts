import type { Endpoint } from '../directory/endpoint.js'
import type { RawHeaders } from '../http/text.js'
import type { AbortLike } from '../shared/abort.js'
import { Deferred, type DeferredOptions } from '../shared/deferred.js'
import { isDebug } from '../shared/log.js'
import type { Retry } from '../shared/retry-options.js'
import {
  Attempt,
  type AttemptOwner,
  endpointsOf,
  isSent,
  oldestPending,
  pendingEndpoints,
  type Reply,
} from './attempt.js'
import { Backoff, type WaitingCall } from './backoff.js'
import { isStreamed, type ReadBody, type Streamed } from './body.js'
import type { Call } from './call.js'
import { type ActiveCall, type CallDependencies, latenciesOf } from './call-dependencies.js'
import { bodyError, isClosedAnswer, mayHaveRun, timeoutError, unknownService } from './errors.js'
import { readAhead } from './read-ahead.js'
import {
  hedgeInterval,
  hedgesOnSilence,
  isIdempotent,
  type Latencies,
  MIN_HEDGE_MS,
  stallLimit,
} from './retry-policy.js'
import { SilenceCheck } from './silence-check.js'
import type { Target } from './target.js'

export interface RetryingCallOptions {
  readonly body: ReadBody | Streamed
  readonly signal: AbortLike | undefined
  readonly timeout: number
  /** The timeout is not the call's own, but that of the request that it is made for. */
  readonly deadlineInherited: boolean
  readonly retry: Retry
}

/**
 * One call, from its first try to its answer. A try that fails is followed by another at the next instance, where that can
 * do no harm; one that is silent gets company. The first answer ends it.
 */
export class RetryingCall implements DeferredOptions, AttemptOwner, WaitingCall, ActiveCall {
  readonly target: Target
  readonly method: string
  readonly headers: RawHeaders
  readonly signal: AbortLike | undefined
  readonly timeout: number
  readonly part: number
  body: ReadBody | Streamed
  opened = false
  readonly #shared: CallDependencies
  readonly #call: Call
  readonly #retry: Retry
  readonly deadlineInherited: boolean
  readonly #startedAt: number
  readonly #waiter: Deferred<Reply>
  /** Since the last pause. Those before it are not to be tried again until the next. */
  #newest: Attempt | undefined
  #error: unknown
  /** An answer that is given if no other try has a better one. */
  #reply: Reply | undefined
  #backoff: Backoff | undefined
  /** Another try comes at the end of this turn. */
  #queued = false
  /** Made for calls that take long. */
  #silence: SilenceCheck | undefined
  /** What the service's answers took, where that decides when another instance is asked. */
  readonly #latencies: Latencies | undefined
  readonly #slot: number

  constructor(
    shared: CallDependencies,
    call: Call,
    { body, signal, timeout, deadlineInherited, retry }: RetryingCallOptions,
  ) {
    this.target = call.target
    this.method = call.method
    this.headers = call.headers
    this.signal = signal
    this.timeout = timeout
    this.body = body
    this.#shared = shared
    this.#call = call
    this.#retry = retry
    this.deadlineInherited = deadlineInherited
    this.#startedAt = shared.now()
    const { service } = call.target
    this.#latencies = typeof retry.hedgeAfter === 'object' ? latenciesOf(shared, service) : undefined
    const instances = shared.directory.size(service)
    this.part = hedgeInterval(retry, call.method, timeout, instances, this.#latencies)
    // One that was aborted before has settled it then.
    this.#slot = shared.live.add(this)
    this.#waiter = new Deferred<Reply>(this)
    shared.budget.calls++
  }

  start(): Promise<Reply> {
    if (this.timeout === 0) this.#waiter.reject(this.timedOut())
    if (this.#waiter.settled) return this.#waiter.promise
    if (this.#call.readFirst > 0 && isStreamed(this.body)) void this.#readFirst(this.body)
    else this.#first()
    return this.#waiter.promise
  }

  async #readFirst(body: Streamed): Promise<void> {
    try {
      this.body = await readAhead(body, this.#call.readFirst)
    } catch (error) {
      this.#waiter.reject(bodyError(error))
      return
    }
    if (!isStreamed(this.body)) this.#call.body = this.body.bytes
    if (!this.#waiter.settled) this.#first()
    else if (isStreamed(this.body)) this.body.open().cancel()
  }

  get timeLeft(): number {
    if (this.timeout === Infinity || (this.#call.tries === 1 && this.#backoff === undefined))
      return this.timeout
    return this.timeout - (this.#shared.now() - this.#startedAt)
  }

  onInvalidHeader(): void {
    this.#shared.counters.dropped('reply-header')
  }

  onHeadTooLarge(): void {
    this.#shared.counters.dropped('reply-head')
  }

  onAnswered(attempt: Attempt, reply: Reply): void {
    if (!this.#end(attempt)) return
    if (reply.code === 503 && this.#isToRepeat(reply)) {
      attempt.cancel()
      this.#reply ??= reply
      this.#soonAgain()
      return
    }
    attempt.endpoint.health.succeeded()
    this.#latencies?.record(this.#shared.now() - this.#startedAt)
    this.#recordSlower(attempt)
    this.#waiter.resolve(reply)
  }

  onFailed(attempt: Attempt, error: unknown, retryElsewhere: boolean): void {
    if (!this.#end(attempt)) return
    if (retryElsewhere) this.#recordFailure(attempt)
    if (!mayHaveRun(this.#error)) this.#error = error
    if (retryElsewhere && this.#mayRepeat(mayHaveRun(error))) this.#soonAgain()
    else if (!this.#busy) this.#giveUp()
  }

  /** Another try, since one has failed. */
  again(): void {
    this.#queued = false
    if (this.#waiter.settled) return
    const { directory, budget, counters, now } = this.#shared
    const { service } = this.target
    if (this.#call.tries >= this.#retry.tries) {
      this.#giveUp()
    } else if (directory.size(service) === 0) {
      if (this.#waits) this.#waitForReady()
      else this.#giveUp()
    } else if (!budget.allows(now())) {
      this.#giveUp()
    } else {
      const endpoint = directory.next(service, endpointsOf(this.#newest))
      if (endpoint === undefined) {
        this.#pause()
        return
      }
      budget.spend()
      counters.retries++
      this.#try(endpoint)
    }
  }

  /** Another try, if those under way are silent, or take longer than they may. */
  hedge(): void {
    if (this.#waiter.settled || !this.#busy || !this.#mayRepeat(true)) return
    const { directory, budget, counters, now } = this.#shared
    if (hedgesOnSilence(this.#retry) && !this.#isSilent()) return
    if (!budget.allows(now())) return
    const endpoint = directory.next(this.target.service, endpointsOf(this.#newest))
    if (endpoint === undefined) return
    budget.spend()
    counters.hedges++
    this.#try(endpoint)
  }

  #isSilent(): boolean {
    const { liveness, now } = this.#shared
    this.#silence ??= new SilenceCheck(liveness, this.#startedAt + stallLimit(this.timeout))
    return this.#silence.isSilent(pendingEndpoints(this.#newest), now())
  }

  /** Not at once: a session that has just failed is in the middle of telling its calls. And once for two that fail together. */
  #soonAgain(): void {
    if (this.#queued) return
    this.#queued = true
    process.nextTick(again, this)
  }

  /** An instance has appeared. */
  onInstanceUp(): void {
    this.#backoff?.end()
    if (this.#call.tries === 0) this.#first()
    else this.again()
  }

  /** None has in the time for which it was to wait. */
  expire(): void {
    if (this.#reply === undefined) this.#error ??= unknownService(this.target.service)
    this.#giveUp()
  }

  /** The node closes. */
  close(errorOf: (mayHaveRun: boolean) => unknown): void {
    this.#waiter.reject(errorOf(this.#ran))
  }

  timedOut(): unknown {
    if (this.#backoff?.parked && this.#reply === undefined)
      return this.#error ?? unknownService(this.target.service)
    const oldest = oldestPending(this.#newest)
    if (oldest !== undefined && this.timeout >= MIN_HEDGE_MS && !isStreamed(this.body))
      this.#recordFailure(oldest)
    if (this.#reply !== undefined) {
      this.#waiter.resolve(this.#reply)
      return undefined
    }
    return timeoutError(this, this.#ran)
  }

  settled(): void {
    this.#shared.live.delete(this.#slot)
    if (this.signal?.aborted && !this.opened) cancelBody(this.body, this.signal.reason)
    this.#backoff?.end()
    for (let attempt = this.#newest; attempt !== undefined; attempt = attempt.before) {
      if (!attempt.pending) continue
      attempt.pending = false
      attempt.endpoint.pending--
      attempt.cancel()
    }
  }

  /** An answer that was there before would have been read by then, however long the process had stood still. */
  quiet(): boolean {
    setImmediate(hedge, this)
    const coming = hedgesOnSilence(this.#retry) ? 0 : 1
    return this.#call.tries + coming < this.#retry.tries
  }

  #first(): void {
    const endpoint = this.#shared.directory.next(this.target.service)
    if (endpoint === undefined) this.#waitForReady()
    else this.#try(endpoint)
  }

  #try(endpoint: Endpoint): void {
    const { log } = this.#shared
    this.#call.tries++
    endpoint.pending++
    const attempt = new Attempt(this.#shared, endpoint, this)
    attempt.before = this.#newest
    this.#newest = attempt
    try {
      attempt.send()
      if (isDebug(log)) this.#logSent(endpoint)
    } catch (error) {
      this.#waiter.reject(error)
    }
  }

  #logSent({ instance }: Endpoint): void {
    const { service, url } = this.target
    const fields = { service, method: this.method, url, peer: instance.name }
    this.#shared.log.debug(fields, 'sleuth: request sent')
  }

  get #busy(): boolean {
    return oldestPending(this.#newest) !== undefined
  }

  /** Whether the request may have run. */
  get #ran(): boolean {
    return mayHaveRun(this.#error) || this.#reply !== undefined || isSent(this.#newest)
  }

  /** Whether it was waited for still. */
  #end(attempt: Attempt): boolean {
    if (!attempt.pending || this.#waiter.settled) return false
    attempt.pending = false
    attempt.endpoint.pending--
    return true
  }

  #recordFailure({ endpoint }: Attempt): void {
    const { now, random } = this.#shared
    endpoint.health.failed(now(), random())
  }

  /** Those who were asked before the one that has answered had their time. */
  #recordSlower({ before }: Attempt): void {
    for (let attempt = before; attempt !== undefined; attempt = attempt.before) {
      if (attempt.pending) this.#recordFailure(attempt)
    }
  }

  /** What has run, or may have, is repeated only if that does no harm. */
  #mayRepeat(ran: boolean): boolean {
    const { tries, nonIdempotent } = this.#retry
    if (this.#call.tries >= tries) return false
    if (ran && !nonIdempotent && !isIdempotent(this.method)) return false
    return !this.opened || !isStreamed(this.body) || this.body.again
  }

  #isToRepeat({ code, headers, body }: Reply): boolean {
    return Buffer.isBuffer(body) && isClosedAnswer(code, headers) && this.#mayRepeat(true)
  }

  #giveUp(): void {
    if (this.#busy) return
    if (this.#reply !== undefined) this.#waiter.resolve(this.#reply)
    else this.#waiter.reject(this.#error)
  }

  /** Every instance has been tried. */
  #pause(): void {
    if (this.#busy) return
    this.#newest = undefined
    this.#putOff().pause()
  }

  #waitForReady(): void {
    this.#putOff().waitForReady(this.#call.waitFor)
  }

  #putOff(): Backoff {
    this.#backoff ??= new Backoff(this, this.#shared)
    return this.#backoff
  }

  get #waits(): boolean {
    const { waitFor } = this.#call
    return waitFor !== undefined && waitFor !== false && !this.#busy
  }
}

/** As `fetch` does when it is aborted: nobody else ends a stream that was not begun. */
function cancelBody(body: ReadBody | Streamed, reason: unknown): void {
  if (!isStreamed(body) || body.again) return
  try {
    body.open().cancel(reason)
  } catch {
    // It is being read.
  }
}

function again(tries: RetryingCall): void {
  tries.again()
}

function hedge(tries: RetryingCall): void {
  tries.hedge()
}
