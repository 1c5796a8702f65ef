const MAX_LINES = 5
const WINDOW_MS = 1000

interface Window {
  since: number
  logLimiter: number
}

/** The first few lines of each kind in each second: what others can cause without end must not fill the log. */
export class LogLimiter {
  readonly #windows = new Map<string, Window>()

  isFree(kind: string): boolean {
    return this.#of(kind).logLimiter < MAX_LINES
  }

  /** Whether a line may be written now, which then it is. `kind` is one of few, and nothing that others choose. */
  take(kind: string): boolean {
    const window = this.#of(kind)
    if (window.logLimiter >= MAX_LINES) return false
    window.logLimiter++
    return true
  }

  #of(kind: string): Window {
    const now = performance.now()
    let window = this.#windows.get(kind)
    if (window === undefined) {
      window = { since: now, logLimiter: 0 }
      this.#windows.set(kind, window)
    } else if (now - window.since >= WINDOW_MS) {
      window.since = now
      window.logLimiter = 0
    }
    return window
  }
}
