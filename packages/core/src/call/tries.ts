import type { Member } from '../directory/member.js'
import { SleuthError, sleuthError } from '../errors.js'
import type { Retry } from '../retry.js'
import type { Stop } from '../stop.js'
import { Waiter, type WaiterOptions } from '../waiter.js'
import type { RawHeaders } from '../wire/json.js'
import type { Attempt, Attempted, Reply } from './attempt.js'
import { isStreamed, type ReadBody, type Streamed } from './body.js'
import type { Call } from './call.js'
import { isIdempotent } from './idempotent.js'
import { MessageAttempt } from './over-messages.js'
import { StreamAttempt } from './over-streams.js'
import { isClosedAnswer } from './refusal.js'
import type { Parked, Shared } from './shared.js'
import type { Target } from './target.js'

export interface TriesOptions {
  readonly body: ReadBody | Streamed
  readonly signal: Stop | undefined
  readonly timeout: number
  /** The timeout is not the call's own, but that of the request that it is made for. */
  readonly bound: boolean
  readonly retry: Retry
}

/** A third of the timeout leaves as much for each of three tries. */
const hedgeShare = 3

/** Milliseconds. A busy process takes as long for nothing. */
const hedgeFloor = 20

/** Milliseconds between tries when every instance has had one: the first time, and on average. It doubles each time. */
const firstPause = 20

/**
 * One call, from its first try to its answer. A try that fails is followed by another at the next instance, where that can
 * do no harm; one that is silent gets company. The first answer ends it.
 */
export class Tries implements WaiterOptions, Attempted, Parked {
  readonly target: Target
  readonly method: string
  readonly headers: RawHeaders
  readonly signal: Stop | undefined
  readonly timeout: number
  readonly part: number
  body: ReadBody | Streamed
  opened = false
  readonly #shared: Shared
  readonly #call: Call
  readonly #retry: Retry
  readonly #bound: boolean
  readonly #startedAt: number
  readonly #waiter: Waiter<Reply>
  /** What is under way: `#one`, or `#several` once there were two at a time, the oldest first. */
  #one: Attempt | undefined
  #several: Attempt[] | undefined
  #last: Member | undefined
  /** All that are not to be tried again before the next pause, where that is more than the last. */
  #tried: Member[] | undefined
  #error: unknown
  /** An answer that is given if no other try has a better one. */
  #reply: Reply | undefined
  #timer: NodeJS.Timeout | undefined
  #pauses = 0
  #parked = -1
  #waited = false
  /** When it has waited for an instance as long as it was to. */
  #waitsUntil: number | undefined
  /** Another try comes at the end of this turn. */
  #queued = false
  readonly #slot: number

  constructor(shared: Shared, call: Call, { body, signal, timeout, bound, retry }: TriesOptions) {
    this.target = call.target
    this.method = call.method
    this.headers = call.headers
    this.signal = signal
    this.timeout = timeout
    this.body = body
    this.#shared = shared
    this.#call = call
    this.#retry = retry
    this.#bound = bound
    this.#startedAt = shared.now()
    this.part = this.#hedgeAfter()
    // One that was aborted before has settled it then.
    this.#slot = shared.live.add(this)
    this.#waiter = new Waiter<Reply>(this)
    shared.budget.calls++
  }

  start(): Promise<Reply> {
    if (this.timeout === 0) this.#waiter.reject(this.timedOut())
    if (!this.#waiter.settled) this.#first()
    return this.#waiter.promise
  }

  get left(): number {
    if (this.timeout === Infinity || (this.#call.tries === 1 && !this.#waited)) return this.timeout
    return this.timeout - (this.#shared.now() - this.#startedAt)
  }

  unfit(): void {
    this.#shared.counters.dropped('reply-header')
  }

  answered(attempt: Attempt, reply: Reply): void {
    if (!this.#end(attempt)) return
    if (reply.code === 503 && this.#isToRepeat(reply)) {
      attempt.cancel()
      this.#reply ??= reply
      this.#soonAgain()
      return
    }
    attempt.member.health.succeeded()
    if (this.#several !== undefined) this.#beaten(attempt)
    this.#waiter.resolve(reply)
  }

  failed(attempt: Attempt, error: unknown, elsewhere: boolean): void {
    if (!this.#end(attempt)) return
    if (elsewhere) this.#blame(attempt)
    if (!mayHaveRun(this.#error)) this.#error = error
    if (elsewhere && this.#mayRepeat(mayHaveRun(error))) this.#soonAgain()
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
      if (this.#waits) this.#park()
      else this.#giveUp()
    } else if (!budget.allows(now())) {
      this.#giveUp()
    } else {
      const member = directory.next(service, this.#triedNow)
      if (member === undefined) {
        this.#pause()
        return
      }
      budget.spend()
      counters.retries++
      this.#try(member)
    }
  }

  /** Another try, since those under way are silent. */
  hedge(): void {
    if (this.#waiter.settled || !this.#busy || !this.#mayRepeat(true)) return
    const { directory, budget, counters, now } = this.#shared
    if (!budget.allows(now())) return
    const member = directory.next(this.target.service, this.#triedNow)
    if (member === undefined) return
    budget.spend()
    counters.hedges++
    this.#several ??= [this.#one as Attempt]
    this.#try(member)
  }

  /** Not at once: a link that has just failed is in the middle of telling its calls. And once for two that fail together. */
  #soonAgain(): void {
    if (this.#queued) return
    this.#queued = true
    process.nextTick(again, this)
  }

  /** An instance has appeared. */
  found(): void {
    this.#unpark()
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
    this.#waiter.reject(errorOf(this.#ran(this.#live())))
  }

  timedOut(): unknown {
    if (this.#parked !== -1 && this.#reply === undefined)
      return this.#error ?? unknownService(this.target.service)
    const live = this.#live()
    const oldest = live[0]
    if (oldest !== undefined && this.timeout >= hedgeFloor && !isStreamed(this.body)) this.#blame(oldest)
    if (this.#reply !== undefined) {
      this.#waiter.resolve(this.#reply)
      return undefined
    }
    const ran = this.#ran(live)
    const { method, target, timeout } = this
    const bound = this.#bound ? ' (bound by the request that it is made for)' : ''
    const what = `${method} sleuth://${target.service}${target.url}${bound}`
    const outcome = { retryable: !ran || isIdempotent(method), mayHaveRun: ran }
    return sleuthError('SLEUTH_TIMEOUT', { what, timeout }, outcome)
  }

  #ran(live: readonly Attempt[]): boolean {
    return mayHaveRun(this.#error) || this.#reply !== undefined || live.some(({ left }) => left)
  }

  settled(): void {
    this.#shared.live.delete(this.#slot)
    this.#unpark()
    const live = this.#live()
    this.#one = undefined
    this.#several = undefined
    for (const attempt of live) {
      attempt.member.pending--
      attempt.cancel()
    }
  }

  /** An answer that was there before would have been read by then, however long the process had stood still. */
  quiet(): boolean {
    setImmediate(hedge, this)
    return this.#call.tries + 1 < this.#retry.tries
  }

  #hedgeAfter(): number {
    const { tries, hedgeAfter } = this.#retry
    if (tries === 1 || !isIdempotent(this.method)) return Infinity
    if (this.#shared.directory.size(this.target.service) < 2) return Infinity
    return hedgeAfter ?? Math.max(hedgeFloor, Math.floor(this.timeout / hedgeShare))
  }

  #first(): void {
    const member = this.#shared.directory.next(this.target.service)
    if (member === undefined) this.#park()
    else this.#try(member)
  }

  #try(member: Member): void {
    const { links, log } = this.#shared
    this.#call.tries++
    if (this.#last !== undefined) {
      this.#tried ??= [this.#last]
      this.#tried.push(member)
    }
    this.#last = member
    member.pending++
    const attempt =
      member.instance.wire > 1
        ? new StreamAttempt(links, member, this)
        : new MessageAttempt(this.#shared, member, this)
    if (this.#several === undefined) this.#one = attempt
    else this.#several.push(attempt)
    try {
      attempt.send()
      const { service, url } = this.target
      log.debug({ service, method: this.method, url, peer: member.instance.name }, 'sleuth: request sent')
    } catch (error) {
      this.#waiter.reject(error)
    }
  }

  get #triedNow(): readonly Member[] {
    return this.#tried ?? (this.#last === undefined ? [] : [this.#last])
  }

  get #busy(): boolean {
    return this.#several === undefined ? this.#one !== undefined : this.#several.length > 0
  }

  #live(): readonly Attempt[] {
    return this.#several ?? (this.#one === undefined ? none : [this.#one])
  }

  /** Whether it was under way still. */
  #end(attempt: Attempt): boolean {
    if (this.#several !== undefined) {
      const at = this.#several.indexOf(attempt)
      if (at === -1) return false
      this.#several.splice(at, 1)
    } else {
      if (this.#one !== attempt) return false
      this.#one = undefined
    }
    attempt.member.pending--
    return true
  }

  #blame({ member }: Attempt): void {
    const { now, random } = this.#shared
    member.health.failed(now(), random())
  }

  /** Those who were asked before the one that has answered had their time. */
  #beaten(winner: Attempt): void {
    for (const attempt of this.#live()) if (this.#isBefore(attempt, winner)) this.#blame(attempt)
  }

  #isBefore(one: Attempt, other: Attempt): boolean {
    const tried = this.#triedNow
    return tried.indexOf(one.member) < tried.indexOf(other.member)
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
    this.#last = undefined
    this.#tried = undefined
    const pause = firstPause * 2 ** this.#pauses++ * (0.5 + this.#shared.random())
    this.#timer = setTimeout(again, pause, this)
  }

  get #waits(): boolean {
    const { waitFor } = this.#call
    return waitFor !== undefined && waitFor !== false && !this.#busy
  }

  #park(): void {
    const { waitFor } = this.#call
    this.#waited = true
    this.#parked = this.#shared.parked.add(this)
    if (typeof waitFor !== 'number') return
    const now = this.#shared.now()
    // Not `until - now` the first time: with the rounding of floats it may be a hair more than was asked for.
    const left = this.#waitsUntil === undefined ? waitFor : this.#waitsUntil - now
    this.#waitsUntil ??= now + waitFor
    this.#timer = setTimeout(expire, Math.max(1, left), this)
  }

  #unpark(): void {
    clearTimeout(this.#timer)
    if (this.#parked === -1) return
    this.#shared.parked.delete(this.#parked)
    this.#parked = -1
  }
}

const none: readonly Attempt[] = []

function again(tries: Tries): void {
  tries.again()
}

function hedge(tries: Tries): void {
  tries.hedge()
}

function expire(tries: Tries): void {
  tries.expire()
}

function mayHaveRun(error: unknown): boolean {
  return error instanceof SleuthError && error.mayHaveRun
}

export function unknownService(service: string): SleuthError {
  return sleuthError('SLEUTH_UNKNOWN_SERVICE', { service }, { retryable: true })
}
