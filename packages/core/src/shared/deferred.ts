import { setMaxListeners } from 'node:events'
import { type AbortLike, withReason } from './abort.js'
import { sleuthError } from './errors.js'

export interface DeferredOptions {
  /** Milliseconds; `Infinity` for no limit. */
  timeout: number
  signal?: AbortLike | null | undefined
  /** Makes the error of a wait that took too long. */
  timedOut: () => unknown
  /** Called once, however it ends. */
  settled?: () => void
}

/** A promise that is settled exactly once: by its owner, its timer or an abort, whichever is first. */
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

  /** For the timer. */
  timeOut(): void {
    if (this.#options !== undefined) this.reject(this.#options.timedOut())
  }

  /** Undefined if it was settled before. */
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

/** To be called for a signal of a user's. As with Node's own `fetch`, one for many calls is no leak, which Node would warn of. */
export function checkSignal(signal: AbortLike | null | undefined): AbortLike | undefined {
  if (signal === null || signal === undefined) return undefined
  if (typeof signal.addEventListener !== 'function') {
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'signal', problem: 'must be an AbortSignal' })
  }
  if (signal instanceof AbortSignal) setMaxListeners(0, signal)
  return withReason(signal)
}
