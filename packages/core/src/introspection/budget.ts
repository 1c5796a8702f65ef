/** How many times something may be done: so many at once, and as many a second. */
export class Budget {
  readonly #perSecond: number
  #left: number
  #at: number

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
    this.#at = now
  }

  /** Takes one. False if none is left. `now`: milliseconds on a clock that never goes back. */
  take(now: number): boolean {
    const earned = ((now - this.#at) / 1000) * this.#perSecond
    this.#left = Math.min(this.#perSecond, this.#left + earned)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
