import type { Logger } from '@sleuth/zre'
import type { SleuthError } from './errors.js'
import { logProblem } from './log.js'

/** Lines of one code within a second. What a peer can cause without end must not fill the log. */
const MOST_LINES = 5
const WINDOW_MS = 1000

interface Window {
  lines: number
  left: number
}

/** Warnings, the first few of each code in each second; then one line that says how many were left out. */
export class Throttle {
  readonly #windows = new Map<string, Window>()

  warn(log: Logger, problem: SleuthError): void {
    const { code } = problem
    let window = this.#windows.get(code)
    if (window === undefined) {
      window = { lines: 0, left: 0 }
      this.#windows.set(code, window)
      setTimeout(() => this.#close(log, problem), WINDOW_MS).unref()
    }
    if (window.lines < MOST_LINES) {
      window.lines++
      logProblem(log, 'warn', problem)
    } else {
      window.left++
    }
  }

  #close(log: Logger, { code, codes }: SleuthError): void {
    const left = this.#windows.get(code)?.left ?? 0
    this.#windows.delete(code)
    if (left > 0) log.warn({ code, codes, left }, `sleuth: ${left} more of ${code} within a second`)
  }
}
