import { reasonOf } from '../shared/errors.js'
import { isThenable } from '../shared/thenable.js'

/** Milliseconds between two checks. A promise gets as long to settle. */
export const CHECK_MS = 1000

export interface ReadinessCheckOptions {
  /** The option `ready`. */
  readonly ready: () => unknown
  /** The answer is another one than before. Before the first answer it is no. */
  readonly changed: (isReady: boolean) => void
  /** It threw, or its promise was rejected or is not settled. Told once, until it answers again. */
  readonly failed: (why: string) => void
  /** A second has passed. */
  readonly checked: () => void
}

/** Asks the app once a second whether it wants calls. */
export class ReadinessCheck {
  isReady = false
  readonly #options: ReadinessCheckOptions
  #timer: NodeJS.Timeout | undefined
  /** The checks that have passed since a promise was given that is not settled. */
  #waits: number | undefined
  #hasFailed = false
  #closed = false

  constructor(options: ReadinessCheckOptions) {
    this.#options = options
  }

  /** The first check is made at once. */
  start(): void {
    if (this.#closed) return
    this.#check()
    this.#options.checked()
    this.#timer = setTimeout(() => this.start(), CHECK_MS)
    this.#timer.unref?.()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #check(): void {
    if (this.#waits !== undefined) {
      // Another question would not help, and their number has no bound.
      this.#fail(`did not settle its promise within ${++this.#waits * CHECK_MS} ms`)
      return
    }
    try {
      const answer = this.#options.ready()
      if (isThenable(answer)) this.#await(Promise.resolve(answer))
      else this.#settle(answer === true)
    } catch (error) {
      this.#fail(`threw: ${reasonOf(error)}`)
    }
  }

  #await(answer: Promise<unknown>): void {
    this.#waits = 0
    answer.then(
      (value) => {
        this.#waits = undefined
        this.#settle(value === true)
      },
      (error) => {
        this.#waits = undefined
        this.#fail(`was rejected: ${reasonOf(error)}`)
      },
    )
  }

  #settle(isReady: boolean): void {
    this.#hasFailed = false
    this.#become(isReady)
  }

  #fail(why: string): void {
    if (!this.#hasFailed && !this.#closed) this.#options.failed(why)
    this.#hasFailed = true
    this.#become(false)
  }

  #become(isReady: boolean): void {
    if (isReady === this.isReady || this.#closed) return
    this.isReady = isReady
    this.#options.changed(isReady)
  }
}
