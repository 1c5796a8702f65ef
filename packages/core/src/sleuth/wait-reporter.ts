import type { ServiceWaiters } from '../directory/service-waiters.js'

/** Milliseconds for which a service may be missing before the log says so. */
const PATIENCE_MS = 10_000

/** Tells once when services are missing that somebody waits for. Again only when all of them were found in between. */
export class WaitReporter {
  readonly #waits: Pick<ServiceWaiters, 'missing'>
  readonly #tell: (missing: string[]) => void
  #timer: NodeJS.Timeout | undefined
  #told = false

  constructor(waits: Pick<ServiceWaiters, 'missing'>, tell: (missing: string[]) => void) {
    this.#waits = waits
    this.#tell = tell
  }

  /** Somebody waits. Who gives up, and tries again, adds to the time. */
  begin(): void {
    if (this.#told || this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#report(), PATIENCE_MS).unref()
  }

  /** An instance appeared. */
  check(): void {
    if (this.#waits.missing().length === 0) this.close()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#told = false
  }

  #report(): void {
    this.#timer = undefined
    const missing = this.#waits.missing()
    if (missing.length === 0) return
    this.#told = true
    this.#tell(missing)
  }
}
