import type { Slab } from '../shared/slab.js'

/** A call that has something to do at a certain time. */
export interface TimedCall {
  /** When that is, on the clock of the timers. `Infinity`: never. */
  readonly dueAt: number
  onDue(now: number): void
}

/** Milliseconds. A timer that no call needs any more keeps the process alive for no longer. */
const MAX_SLEEP_MS = 250

/**
 * One timer for all calls of a client. A timer for each call costs an object and two list operations, and nearly all of them
 * are never due. The timer runs while calls are pending, and sweeps over them when the earliest of them is due: a call is never
 * due early, and at most some milliseconds late.
 */
export class CallTimers {
  readonly #calls: Slab<TimedCall>
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires. */
  #wakesAt = Infinity

  /** `calls`: those that are pending. `now`: milliseconds, from any moment on. */
  constructor(calls: Slab<TimedCall>, now: () => number) {
    this.#calls = calls
    this.#now = now
  }

  /** To be called when a call is due at a time that it was not due at before. */
  schedule(dueAt: number, now: number): void {
    if (dueAt >= this.#wakesAt) return
    clearTimeout(this.#timer)
    const delay = Math.min(MAX_SLEEP_MS, Math.max(1, Math.ceil(dueAt - now)))
    this.#wakesAt = now + delay
    this.#timer = setTimeout(sweep, delay, this)
  }

  /** For the timer. */
  sweep(): void {
    this.#wakesAt = Infinity
    const now = this.#now()
    let earliest = Infinity
    for (const call of this.#calls.all()) {
      if (call.dueAt <= now) call.onDue(now)
      if (call.dueAt < earliest) earliest = call.dueAt
    }
    // A call that is due much later is looked at again before: the timer is not to sleep for long.
    if (earliest < Infinity) this.schedule(earliest, now)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#wakesAt = Infinity
  }
}

function sweep(timers: CallTimers): void {
  timers.sweep()
}
