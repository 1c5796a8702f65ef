const MOST_LINES = 5
const WINDOW_MS = 1000

/** The first few lines in each second: what others can cause without end must not fill the log. */
export class Lines {
  #since = Number.NEGATIVE_INFINITY
  #lines = 0

  get isFree(): boolean {
    const now = performance.now()
    if (now - this.#since >= WINDOW_MS) {
      this.#since = now
      this.#lines = 0
    }
    return this.#lines < MOST_LINES
  }

  /** Whether a line may be written now, which then it is. */
  take(): boolean {
    if (!this.isFree) return false
    this.#lines++
    return true
  }
}
