import type { Clock } from './transport.js'

/** Rings whenever something is due, however often that changes. */
export class Ticker {
  readonly #clock: Clock
  readonly #dueAt: () => number
  readonly #tick: () => void
  #timer: unknown
  #ringsAt = Number.POSITIVE_INFINITY
  #stopped = false

  constructor(clock: Clock, dueAt: () => number, tick: () => void) {
    this.#clock = clock
    this.#dueAt = dueAt
    this.#tick = tick
  }

  /** To be called when something may be due earlier than before. */
  arm(): void {
    const dueAt = this.#dueAt()
    if (this.#stopped || dueAt >= this.#ringsAt) return
    this.#clock.clearTimeout(this.#timer)
    this.#ringsAt = dueAt
    // A timer leaves out fractions of a millisecond: it would ring too early, for nothing.
    const delay = Math.ceil(dueAt - this.#clock.now())
    this.#timer = this.#clock.setTimeout(() => this.ring(), Math.max(1, delay))
  }

  /** Does what is due, and goes on. */
  ring(): void {
    this.#ringsAt = Number.POSITIVE_INFINITY
    this.#tick()
    this.arm()
  }

  stop(): void {
    this.#stopped = true
    this.#clock.clearTimeout(this.#timer)
  }
}
