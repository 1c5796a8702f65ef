import type { Directory } from '../directory/directory.js'
import { type AbortLike, checkSignal } from '../shared/abort.js'
import { sleuthError } from '../shared/errors.js'
import { isServiceName } from '../shared/names.js'
import { isTimeout, timeoutProblem } from '../shared/options.js'
import type { WaitOptions } from '../types.js'

/** Those who wait for services to appear. */
export class ServiceWaiters {
  readonly #directory: Directory
  readonly #waiting = new Map<ReadonlySet<string>, Deferred<void>>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** Resolves at once when every service is known. Keeps the set that it is given. */
  add(required: ReadonlySet<string>, { timeout = Infinity, signal }: WaitOptions): Promise<void> {
    if (!isTimeout(timeout))
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
    const waiter = new Deferred<void>({
      timeout,
      signal: checkSignal(signal),
      timedOut: () =>
        sleuthError(
          'SLEUTH_TIMEOUT',
          { what: `waitFor(${[...required].join(', ')})`, timeout },
          { codes: [920, 936], retryable: true },
        ),
      settled: () => this.#waiting.delete(required),
    })
    if (this.#directory.hasAll(required)) waiter.resolve()
    else if (!waiter.settled) this.#waiting.set(required, waiter)
    return waiter.promise
  }

  /** To be called when an instance has appeared. */
  check(): void {
    for (const [required, waiter] of this.#waiting) if (this.#directory.hasAll(required)) waiter.resolve()
  }

  /** The services that somebody waits for. */
  missing(): string[] {
    const missing = new Set<string>()
    for (const required of this.#waiting.keys()) {
      for (const service of required) if (this.#directory.size(service) === 0) missing.add(service)
    }
    return [...missing]
  }

  rejectAll(reason: () => unknown): void {
    for (const waiter of this.#waiting.values()) waiter.reject(reason())
  }
}

const names: readonly string[] = ['timeout', 'signal']

/** A number is the timeout. What is unknown may be a timeout that is misspelt, and the wait would have no end. */
export function waitOptions(given: WaitOptions | number | null | undefined): WaitOptions {
  if (given === undefined || given === null) return {}
  if (typeof given === 'number') return { timeout: given }
  // A signal has no fields of its own, and would be taken for a wait without end.
  const isOptions = typeof given === 'object' && !('aborted' in given)
  if (isOptions && Object.keys(given).every((name) => names.includes(name))) return given
  const problem = 'must be a number of milliseconds, or an object with nothing but timeout and signal'
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'options', problem })
}

/** The names that a caller of `waitFor` gave, as a list. */
export function serviceList(services: string | readonly string[]): readonly string[] {
  const list: unknown = typeof services === 'string' ? [services] : services
  if (Array.isArray(list) && list.every((service) => typeof service === 'string' && isServiceName(service)))
    return list
  throw sleuthError('SLEUTH_ARGUMENT', {
    argument: 'services',
    problem: 'must be the name of a service, such as "article-service", or a list of names',
  })
}

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
