// What became of the tests of one process, from the lines that outcome-reporter.js writes.

import { existsSync, readFileSync } from 'node:fs'

export class Outcome {
  passed = 0
  failed = 0
  skipped = 0
  /** Seconds of processor time, without those of processes that it started. */
  cpu = 0
  /** One text for each failure. */
  failures = []
  #finished = new Set()
  #hasEnded = false

  /** @param {string} file @param {string | undefined} end how the process ended, if not well */
  static of(file, sources, end) {
    const outcome = new Outcome()
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    // The last line of a process that was killed may be half.
    for (const line of lines.slice(0, -1)) outcome.#take(JSON.parse(line))
    outcome.#close(sources, end)
    return outcome
  }

  #take({ type, name, text, cpu }) {
    if (name !== undefined) this.#finished.add(name)
    if (type === 'failed') this.failures.push(text)
    if (type === 'end') {
      this.#hasEnded = true
      this.cpu = cpu
    } else if (type !== 'suite') this[type]++
  }

  /** A process that is killed, or does not end, fails as a whole: which of its files did not come to their end? */
  #close(sources, end) {
    const isEmpty = this.passed + this.failed + this.skipped === 0
    // A failed test gives its process a code of its own.
    if (this.#hasEnded && !isEmpty && (end === undefined || this.failed > 0)) return
    this.failed++
    this.failures.push(`${sources.join(', ')}: ${end ?? 'no test ran'}${this.#unfinished(sources)}`)
  }

  #unfinished(sources) {
    if (sources.length < 2) return ''
    const left = sources.filter((source) => !this.#finished.has(source))
    if (left.length === 0) return `\n    All of its files had ended. Run each alone.`
    return `\n    ${left[0]} had not ended${left.length > 1 ? `, and ${left.length - 1} after it had not begun` : ''}.`
  }
}
