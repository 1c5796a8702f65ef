/** Failures in a row after which an instance is passed over. */
export const PATIENCE = 3

/** Milliseconds for which it is, at first and at most. It doubles with every call that shows it to be no better. */
export const FIRST_PAUSE = 250
export const LONGEST_PAUSE = 10_000

/**
 * Whether calls should go to an instance. It fails when the connection does, when it refuses, and when it does not answer in
 * time; what its app answers is never a failure. When its pause is over, one real call is let through as a probe. The
 * others go on passing it over until that call has succeeded, or for as long as the pause was.
 */
export class Health {
  /** When the pause is over, on the caller's clock. 0: there is none. */
  until = 0
  #failures = 0
  #pause = 0
  #probed = false

  succeeded(): void {
    if (this.#failures === 0) return
    this.#failures = 0
    this.until = 0
  }

  /** `random`, from 0 to 1: not all callers should come back at the same moment. */
  failed(now: number, random: number): void {
    this.#failures++
    if (this.until === 0) {
      if (this.#failures >= PATIENCE) this.#pauseFor(FIRST_PAUSE, now, random)
    } else if (this.#probed) {
      this.#pauseFor(Math.min(LONGEST_PAUSE, 2 * this.#pause), now, random)
    }
    // Else the call was under way when the pause began, and says nothing new.
  }

  /** A call goes there. */
  chosen(now: number): void {
    if (this.until === 0 || now < this.until) return
    this.#probed = true
    this.until = now + this.#pause
  }

  #pauseFor(pause: number, now: number, random: number): void {
    this.#pause = pause
    this.#probed = false
    this.until = now + pause * (0.75 + random / 2)
  }
}
