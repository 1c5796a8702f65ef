import type { ServiceWaiters } from '../directory/service-waiters.js'

/** Milliseconds after which the log reports a missing service. */
const REPORT_DELAY_MS = 10_000

/** Reports services that a `waitFor` waits for: once, and again only after all of them were found. */
export class WaitReporter {
  readonly #waits: Pick<ServiceWaiters, 'missing'>
  readonly #report: (missing: string[]) => void
  #timer: NodeJS.Timeout | undefined
  #reported = false

  constructor(waits: Pick<ServiceWaiters, 'missing'>, report: (missing: string[]) => void) {
    this.#waits = waits
    this.#report = report
  }

  /** A wait begins. The time also runs on between waits, for users that give up and try again. */
  begin(): void {
    if (this.#reported || this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#onTimer(), REPORT_DELAY_MS).unref()
  }

  /** An instance appeared. */
  check(): void {
    if (this.#waits.missing().length === 0) this.close()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#reported = false
  }

  #onTimer(): void {
    this.#timer = undefined
    const missing = this.#waits.missing()
    if (missing.length === 0) return
    this.#reported = true
    this.#report(missing)
  }
}
