import type { Endpoint } from '../directory/endpoint.js'
import type { Selector } from '../directory/selector.js'
import type { AttemptCause } from '../shared/diagnostics.js'
import type { Retry } from '../shared/options/retry.js'
import {
  Attempt,
  type AttemptOwner,
  endpointsOf,
  isPending,
  isSent,
  oldestPending,
  pendingEndpoints,
} from './attempt.js'
import { Backoff, type WaitingCall } from './backoff.js'
import { cancelUnopened, isStreamed, type ReadBody, readAhead, type Streamed } from './body.js'
import type { ActiveCall, Call, CallDependencies, Reply, SendOptions } from './call.js'
import { bodyError, isClosedAnswer, mayHaveRun, nobody, timeoutError } from './errors.js'
import { type HedgedCall, Hedging } from './hedging.js'
import { PendingCall } from './pending-call.js'
import { hedgeInterval, type Latencies, MIN_HEDGE_MS, mayRepeat } from './retry-policy.js'
import type { Target } from './target.js'

/**
 * One call, from its first attempt to its response. After a failed attempt it tries the next instance, if that can do no harm.
 * If an instance is silent, it sends another attempt beside it. The first response ends the call.
 */
export class RetryingCall
  extends PendingCall<Reply>
  implements AttemptOwner, WaitingCall, HedgedCall, ActiveCall
{
  readonly target: Target
  readonly method: string
  readonly headers: readonly string[]
  readonly deadlineInherited: boolean
  body: ReadBody | Streamed
  opened = false
  timeLeft: number
  readonly #shared: CallDependencies
  readonly #call: Call
  readonly #retry: Retry
  readonly #waitFor: number | boolean
  readonly #selector: Selector | undefined
  readonly #slot: number
  /** The service's latencies, if they decide when the call is hedged. */
  readonly #latencies: Latencies | undefined
  /** The newest attempt since the last back-off. Instances that were tried since then are skipped until the next one. */
  #newest: Attempt | undefined
  #error: unknown
  /** A response that the caller gets if no other attempt has a better one. */
  #reply: Reply | undefined
  #backoff: Backoff | undefined
  /** Time has passed before the first attempt. */
  #delayed = false
  /** Only if it may be hedged. */
  #hedging: Hedging | undefined
  /** A retry follows at the end of this turn. */
  #retryQueued = false

  constructor(shared: CallDependencies, call: Call, options: SendOptions) {
    super(shared.timers, shared.now(), options.timeout, options.signal)
    this.target = call.target
    this.method = call.method
    this.headers = options.headers
    this.deadlineInherited = options.deadlineInherited
    this.body = options.body
    this.timeLeft = options.timeout
    this.#shared = shared
    this.#call = call
    call.begunAt = this.startedAt
    this.#retry = options.retry
    this.#waitFor = options.waitFor
    this.#selector = options.selector
    if (options.selector) options.selector.failed = (error) => this.reject(error)
    this.#latencies = options.latencies
    this.#slot = shared.live.add(this)
    shared.budget.calls++
  }

  start(): Promise<Reply> {
    this.begin()
    if (this.settled) return this.promise
    if (this.#call.readFirst > 0 && isStreamed(this.body)) void this.#readFirst(this.body)
    else this.#first()
    this.startTimeout()
    return this.promise
  }

  async #readFirst(body: Streamed): Promise<void> {
    this.#delayed = true
    try {
      this.body = await readAhead(body, this.#call.readFirst)
    } catch (error) {
      this.reject(bodyError(error))
      return
    }
    if (!isStreamed(this.body)) this.#call.body = this.body.bytes
    if (!this.settled) this.#first()
    else if (isStreamed(this.body)) this.body.open().cancel()
  }

  onAnswered(attempt: Attempt, reply: Reply): void {
    const oldest = this.#latencies && oldestPending(this.#newest)
    if (!attempt.end()) return
    this.#call.trace?.attemptAnswered(attempt, this.#shared.now(), reply.code)
    if (reply.code === 503 && isClosedAnswer(reply) && this.#mayRepeat(true)) {
      attempt.cancel()
      this.#reply ??= reply
      this.#queueRetry()
      return
    }
    const { health } = attempt.endpoint
    if (health.consecutiveFailures > 0) health.succeeded()
    if (oldest) this.#latencies?.record(this.#shared.now() - oldest.sentAt)
    if (attempt.before) attempt.recordSlower()
    this.resolve(reply)
  }

  onFailed(attempt: Attempt, error: unknown, retryElsewhere: boolean): void {
    if (!attempt.end()) return
    this.#call.trace?.attemptFailed(attempt, this.#shared.now(), error)
    if (retryElsewhere) attempt.recordFailure()
    if (!mayHaveRun(this.#error)) this.#error = error
    if (retryElsewhere && this.#mayRepeat(mayHaveRun(error))) this.#queueRetry()
    else if (!isPending(this.#newest)) this.#giveUp()
  }

  /** One that was not tried yet: otherwise all of them are slow, and the call waits for the newest. */
  goesElsewhere(): boolean {
    const { directory, budget, now } = this.#shared
    if (this.#call.tries >= this.#retry.tries || !budget.allows(now())) return false
    const others = directory.hasOther(this.target.service, endpointsOf(this.#newest), this.#selector)
    return others && !this.settled
  }

  /** The retry waits for the end of the turn, because the session still iterates over its calls. One follows all failures. */
  #queueRetry(): void {
    if (this.#retryQueued) return
    this.#retryQueued = true
    process.nextTick(retry, this)
  }

  /** Makes another attempt after one that failed. */
  retry(): void {
    this.#retryQueued = false
    if (this.settled) return
    const { directory, budget, counters, now } = this.#shared
    const { service } = this.target
    const instances = directory.size(service, this.#selector, 1)
    if (this.settled) return
    if (this.#call.tries >= this.#retry.tries) {
      this.#giveUp()
    } else if (instances === 0) {
      const waitFor = this.#waitFor
      if (waitFor && !isPending(this.#newest)) this.#delay().waitForReady(waitFor)
      else this.#giveUp()
    } else if (!budget.allows(now())) {
      this.#giveUp()
    } else {
      const endpoint = this.#other()
      if (this.settled) return
      if (endpoint !== undefined) {
        budget.spend()
        counters.retried(service)
        this.#try(endpoint, 'retry')
      } else if (!isPending(this.#newest)) {
        // All instances have been tried.
        this.#newest = undefined
        this.#delay().pause()
      }
    }
  }

  hedgeable(): readonly Endpoint[] {
    return !this.settled && this.#mayRepeat(true) ? pendingEndpoints(this.#newest) : []
  }

  hedge(): void {
    const endpoint = this.#other()
    if (this.settled || endpoint === undefined) return
    this.#shared.budget.spend()
    this.#shared.counters.hedged(this.target.service)
    this.#try(endpoint, 'hedge')
  }

  protected onInterval(): number {
    // An interval begins only with it.
    const hedging = this.#hedging as Hedging
    return hedging.onInterval(this.#call.tries, () => this.#hedgeInterval)
  }

  /** With a single instance there is nobody to hedge with for now. */
  get #hedgeInterval(): number {
    const instances = this.#shared.directory.size(this.target.service, this.#selector, 2)
    if (instances < 2) return Infinity
    return hedgeInterval(this.#retry, this.method, this.timeout, this.#latencies)
  }

  onInstanceUp(): void {
    this.#backoff?.end()
    if (this.#call.tries === 0) this.#first()
    else this.retry()
  }

  /** No instance appeared while the call was to wait for one. */
  onWaitExpired(): void {
    if (this.#reply === undefined) this.#error ??= nobody(this.#shared, this.target.service, this.#selector)
    this.#giveUp()
  }

  close(errorOf: (mayHaveRun: boolean) => unknown): void {
    this.reject(errorOf(this.#ran))
  }

  protected timeoutError(): unknown {
    if (this.#backoff?.isWaitingForReady && this.#reply === undefined)
      return this.#error ?? nobody(this.#shared, this.target.service, this.#selector)
    const oldest = oldestPending(this.#newest)
    if (oldest !== undefined && this.timeout >= MIN_HEDGE_MS && !isStreamed(this.body)) oldest.recordFailure()
    if (this.#reply !== undefined) {
      this.resolve(this.#reply)
      return undefined
    }
    return timeoutError(this, this.#ran)
  }

  protected onSettled(): void {
    this.#shared.live.delete(this.#slot)
    if (this.signal?.aborted && !this.opened) cancelUnopened(this.body, this.signal.reason)
    this.#backoff?.end()
    for (let attempt = this.#newest; attempt !== undefined; attempt = attempt.before)
      if (attempt.pending && attempt.end()) {
        this.#call.trace?.attemptCancelled(attempt, this.#shared.now())
        attempt.cancel()
      }
  }

  #first(): void {
    const { target, balance } = this.#call
    const endpoint = this.#shared.directory.next(target.service, undefined, balance, this.#selector)
    if (this.settled) return
    if (endpoint === undefined) this.#delay().waitForReady(this.#waitFor)
    else this.#try(endpoint, 'first')
  }

  /** An instance that was not tried yet. */
  #other(): Endpoint | undefined {
    const { target, balance } = this.#call
    const tried = endpointsOf(this.#newest)
    return this.#shared.directory.next(target.service, tried, balance, this.#selector)
  }

  #try(endpoint: Endpoint, cause: AttemptCause): void {
    const isFirst = this.#call.tries++ === 0
    const now = isFirst && !this.#delayed ? this.startedAt : this.#shared.now()
    this.timeLeft = this.timeout - (now - this.startedAt)
    if (isFirst) {
      const interval = this.#hedgeInterval
      if (this.settled) return
      if (interval < Infinity) {
        this.#hedging = new Hedging(this, this.#shared, this.#retry, interval)
        this.startInterval(interval, now)
      }
    }
    this.#newest = new Attempt(this.#shared, endpoint, this, now, this.#newest, cause)
    try {
      this.#newest.send()
    } catch (error) {
      this.reject(error)
    }
  }

  /** Whether the request may have run. */
  get #ran(): boolean {
    return mayHaveRun(this.#error) || this.#reply !== undefined || isSent(this.#newest)
  }

  /** A request that may have run is repeated only if that does no harm. */
  #mayRepeat(ran: boolean): boolean {
    if (!mayRepeat(this.#retry, this.method, this.#call.tries, ran)) return false
    if (!isStreamed(this.body) || this.body.again) return true
    // An attempt that waits for a link is about to open the body.
    return !this.opened && !isPending(this.#newest)
  }

  #giveUp(): void {
    if (isPending(this.#newest)) return
    if (this.#reply !== undefined) this.resolve(this.#reply)
    else this.reject(this.#error)
  }

  #delay(): Backoff {
    this.#delayed = true
    this.#backoff ??= new Backoff(this, this.#shared)
    return this.#backoff
  }
}

const retry = (call: RetryingCall) => call.retry()
