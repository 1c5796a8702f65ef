const MAX_LINES = 5
const WINDOW_MS = 1000

interface Window {
  since: number
  lines: number
}

/** Lets the first few lines of each kind pass in each second: what others can cause without end must not fill the log. */
export class LogLimiter {
  readonly #maxLines: number
  readonly #windowMs: number
  readonly #windows = new Map<string, Window>()

  constructor(maxLines = MAX_LINES, windowMs = WINDOW_MS) {
    this.#maxLines = maxLines
    this.#windowMs = windowMs
  }

  isFree(kind: string): boolean {
    return this.#of(kind).lines < this.#maxLines
  }

  /** Whether a line may be written now, which then it is. `kind` is one of few, and nothing that others choose. */
  take(kind: string): boolean {
    const window = this.#of(kind)
    if (window.lines >= this.#maxLines) return false
    window.lines++
    return true
  }

  #of(kind: string): Window {
    const now = performance.now()
    let window = this.#windows.get(kind)
    if (window === undefined) {
      window = { since: now, lines: 0 }
      this.#windows.set(kind, window)
    } else if (now - window.since >= this.#windowMs) {
      window.since = now
      window.lines = 0
    }
    return window
  }
}
