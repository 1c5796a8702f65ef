import type { Logger } from '@sleuth/zre'
import type { SleuthError } from './errors.js'
import { fieldsOf } from './log.js'

/** Lines of one kind within a second. A peer must not be able to fill the log. */
const MAX_LINES = 5
const WINDOW_MS = 1000

type Level = 'info' | 'warn' | 'error'

interface Window {
  lines: number
  left: number
}

/** Writes the first few lines of each kind in each second, and then one line with the number of the others. */
export class Throttle {
  readonly #windows = new Map<string, Window>()

  /** A problem's kind is its code. */
  warn(log: Logger, problem: SleuthError): void {
    const { code, codes, message } = problem
    if (this.#take(log, 'warn', code, { code, codes })) log.warn(fieldsOf(problem), `sleuth: ${message}`)
  }

  /** `message` is the kind of the line, so text of peers belongs in `fields`. */
  write(log: Logger, level: Level, fields: object, message: string): void {
    if (this.#take(log, level, `"${message}"`)) log[level](fields, `sleuth: ${message}`)
  }

  #take(log: Logger, level: Level, kind: string, fields: object = {}): boolean {
    let window = this.#windows.get(kind)
    if (window === undefined) {
      window = { lines: 0, left: 0 }
      this.#windows.set(kind, window)
      setTimeout(() => this.#close(log, level, kind, fields), WINDOW_MS).unref()
    }
    const isFree = window.lines < MAX_LINES
    if (isFree) window.lines++
    else window.left++
    return isFree
  }

  #close(log: Logger, level: Level, kind: string, fields: object): void {
    const left = this.#windows.get(kind)?.left ?? 0
    this.#windows.delete(kind)
    if (left > 0) log[level]({ ...fields, left }, `sleuth: ${left} more of ${kind} within a second`)
  }
}
