import type { AbortLike } from './abort.js'

export interface DeferredOptions {
  /** Milliseconds; `Infinity` for no limit. */
  timeout: number
  signal?: AbortLike | null | undefined
  /** Makes the error of a wait that takes too long. */
  timedOut: () => unknown
  /** Called once, however it ends. */
  settled?: () => void
}

/** A promise that is settled once: by its owner, its timer or an abort, whichever comes first. */
export class Deferred<T> {
  readonly promise: Promise<T>
  #resolve!: (value: T) => void
  #reject!: (reason: unknown) => void
  #options: DeferredOptions | undefined
  #timer: NodeJS.Timeout | undefined
  #abort: (() => void) | undefined

  constructor(options: DeferredOptions) {
    this.#options = options
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { timeout, signal } = options
    if (signal) {
      this.#abort = () => this.reject(signal.reason)
      if (signal.aborted) this.#abort()
      else signal.addEventListener('abort', this.#abort)
    }
    if (!this.settled && timeout !== Infinity) this.#timer = setTimeout(timeOut, timeout, this)
  }

  get settled(): boolean {
    return this.#options === undefined
  }

  resolve(value: T): void {
    const options = this.#end()
    if (options === undefined) return
    this.#resolve(value)
    options.settled?.()
  }

  reject(reason: unknown): void {
    const options = this.#end()
    if (options === undefined) return
    this.#reject(reason)
    options.settled?.()
  }

  /** The timer calls it. */
  timeOut(): void {
    if (this.#options !== undefined) this.reject(this.#options.timedOut())
  }

  /** Returns undefined if it was settled before. */
  #end(): DeferredOptions | undefined {
    const options = this.#options
    if (options === undefined) return undefined
    this.#options = undefined
    clearTimeout(this.#timer)
    if (this.#abort) options.signal?.removeEventListener('abort', this.#abort)
    return options
  }
}

function timeOut(deferred: { timeOut(): void }): void {
  deferred.timeOut()
}
