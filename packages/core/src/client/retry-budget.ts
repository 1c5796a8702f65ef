/** Milliseconds over which what was is forgotten: what is this old counts for 1/e, about a third. */
export const MEMORY = 10_000

/** Further tries that are allowed whatever the share, in each second. */
export const FLOOR = 10

/**
 * Keeps further tries from multiplying a load: of recent calls only a share may be sent again, or a few a second where there
 * are few calls. Costs a call that succeeds one addition: the clock is read when a further try is asked for.
 */
export class Budget {
  /** All calls that were ever made. */
  calls = 0
  readonly #share: number
  #seen = 0
  #recent = 0
  #spent = 0
  #at: number

  /** `now` in milliseconds, from any moment on. */
  constructor(share: number, now: number) {
    this.#share = share
    this.#at = now
  }

  /** Whether a further try may be made now. */
  allows(now: number): boolean {
    this.#age(now)
    const floor = this.#share === 0 ? 0 : (FLOOR * MEMORY) / 1000
    return this.#spent + 1 <= Math.max(floor, this.#share * this.#recent)
  }

  /** One is made. */
  spend(): void {
    this.#spent++
  }

  /** The calls since the last time are taken to have come evenly. */
  #age(now: number): void {
    const ages = Math.max(0, now - this.#at) / MEMORY
    const kept = Math.exp(-ages)
    const fresh = this.calls - this.#seen
    this.#recent = this.#recent * kept + (ages === 0 ? fresh : (fresh * (1 - kept)) / ages)
    this.#spent *= kept
    this.#seen = this.calls
    this.#at = now
  }
}
