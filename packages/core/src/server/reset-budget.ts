/** nghttp2's defaults, and Node's (`streamResetBurst`, `streamResetRate`), since CVE-2023-44487. */
const BURST = 1000
const PER_SECOND = 33

/**
 * How many requests one peer may still give up before they are answered. Each answer earns one back, so only a peer that
 * mostly gives up runs out.
 */
export class ResetBudget {
  readonly #now: () => number
  #left = BURST
  #countedAt: number

  /** `now`: milliseconds on a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now
    this.#countedAt = now()
  }

  /** A request was answered. */
  earn(): void {
    if (this.#left < BURST) this.#left++
  }

  /** A request was given up. */
  spend(): void {
    this.#refill()
    if (this.#left > 0) this.#left--
  }

  get isSpent(): boolean {
    if (this.#left >= 1) return false
    this.#refill()
    return this.#left < 1
  }

  /** As good as new: it need not be remembered. */
  get isFull(): boolean {
    this.#refill()
    return this.#left === BURST
  }

  #refill(): void {
    const now = this.#now()
    this.#left = Math.min(BURST, this.#left + ((now - this.#countedAt) * PER_SECOND) / 1000)
    this.#countedAt = now
  }
}
