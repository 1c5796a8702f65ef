import type { AbortLike } from '../shared/abort.js'
import type { Slab } from '../shared/slab.js'

/** A promise that is settled once: by a response, an error, its time limit or an abort, whichever comes first. */
export abstract class PendingCall<T> implements TimedCall {
  readonly promise: Promise<T>
  readonly signal: AbortLike | undefined
  /** Milliseconds; `Infinity` for no limit. */
  readonly timeout: number
  readonly startedAt: number
  /** When the call times out, or when its interval ends. */
  dueAt: number
  settled = false
  readonly #timers: CallTimers
  readonly #expiresAt: number
  #resolve!: (value: T) => void
  #reject!: (reason: unknown) => void
  #onAbort: (() => void) | undefined

  constructor(timers: CallTimers, startedAt: number, timeout: number, signal: AbortLike | undefined) {
    this.#timers = timers
    this.startedAt = startedAt
    this.timeout = timeout
    this.signal = signal
    this.#expiresAt = startedAt + timeout
    this.dueAt = this.#expiresAt
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** The error of a call that took too long. It may settle the call in another way. */
  protected abstract timeoutError(): unknown
  /** Called once, however the call ends. */
  protected abstract onSettled(): void
  /** An interval has ended. Returns the milliseconds of the next one. `Infinity`: there is none. */
  protected abstract onInterval(): number

  /** Listens to the signal. If the call can't begin, this settles it. */
  protected begin(): void {
    const { signal } = this
    if (signal?.aborted) {
      this.reject(signal.reason)
    } else if (this.timeout === 0) {
      this.reject(this.timeoutError())
    } else if (signal) {
      this.#listenTo(signal)
    }
  }

  /** The signal may be of another make, and fail. */
  #listenTo(signal: AbortLike): void {
    const onAbort = () => this.reject(signal.reason)
    try {
      signal.addEventListener('abort', onAbort)
      this.#onAbort = onAbort
    } catch (error) {
      this.reject(error)
    }
  }

  protected startTimeout(): void {
    if (this.dueAt < this.#timers.wakesAt) this.#timers.schedule(this.dueAt, this.startedAt)
  }

  /** Calls `onInterval` after so many milliseconds from `now`, unless the time limit comes first. */
  protected startInterval(interval: number, now: number): void {
    this.dueAt = Math.min(this.#expiresAt, now + interval)
    this.#timers.schedule(this.dueAt, now)
  }

  onDue(now: number): void {
    if (this.settled) return
    if (now < this.#expiresAt) {
      this.dueAt = Math.min(this.#expiresAt, now + this.onInterval())
    } else {
      this.dueAt = Infinity
      // In the check phase: a response that has come is read before that, even if the process stood still for long.
      setImmediate(expire, this)
    }
  }

  expire(): void {
    if (!this.settled) this.reject(this.timeoutError())
  }

  protected resolve(value: T): void {
    if (!this.#settle()) return
    this.#resolve(value)
    this.onSettled()
  }

  protected reject(reason: unknown): void {
    if (!this.#settle()) return
    this.#reject(reason)
    this.onSettled()
  }

  /** Returns false if it was settled before. */
  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    this.dueAt = Infinity
    if (this.#onAbort) this.signal?.removeEventListener('abort', this.#onAbort)
    return true
  }
}

function expire<T>(call: PendingCall<T>): void {
  call.expire()
}

/** A call that has something to do at a certain time. */
export interface TimedCall {
  /** When that is, on the clock of the timers. `Infinity`: never. */
  readonly dueAt: number
  onDue(now: number): void
}

/** Milliseconds. A timer that no call needs any more keeps the process alive for at most so long. */
const MAX_SLEEP_MS = 250

/**
 * One timer for all calls of a client. A timer for each call would cost an object and two list operations, and nearly all of
 * them would never fire. The timer runs while calls are pending, and sweeps over them when the earliest of them is due. A call
 * is never due early, and at most some milliseconds late.
 */
export class CallTimers {
  readonly #calls: Slab<TimedCall>
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires. A call that is due later need not be scheduled. */
  wakesAt = Infinity

  /** `calls`: the pending calls. `now`: milliseconds, from any moment on. */
  constructor(calls: Slab<TimedCall>, now: () => number) {
    this.#calls = calls
    this.#now = now
  }

  /** Call it when a call has a new `dueAt`. */
  schedule(dueAt: number, now: number): void {
    if (dueAt >= this.wakesAt) return
    clearTimeout(this.#timer)
    const delay = Math.min(MAX_SLEEP_MS, Math.max(1, Math.ceil(dueAt - now)))
    this.wakesAt = now + delay
    this.#timer = setTimeout(sweep, delay, this)
  }

  /** The timer calls it. */
  sweep(): void {
    this.wakesAt = Infinity
    const now = this.#now()
    let earliest = Infinity
    for (const call of this.#calls.all()) {
      if (call.dueAt <= now) call.onDue(now)
      if (call.dueAt < earliest) earliest = call.dueAt
    }
    // The timer does not sleep for long, so a call that is due much later is looked at more than once.
    if (earliest < Infinity) this.schedule(earliest, now)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.wakesAt = Infinity
  }
}

function sweep(timers: CallTimers): void {
  timers.sweep()
}
