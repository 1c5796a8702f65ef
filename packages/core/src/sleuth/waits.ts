import type { Directory } from '../directory/directory.js'
import { type AbortLike, checkSignal } from '../shared/abort.js'
import { sleuthError } from '../shared/errors.js'
import { isServiceName } from '../shared/names.js'
import { isTimeout, timeoutProblem } from '../shared/options.js'
import type { WaitOptions } from '../types.js'

/** The calls of `waitFor` that wait for services to appear. */
export class ServiceWaiters {
  readonly #directory: Directory
  readonly #waiting = new Map<ReadonlySet<string>, Deferred<void>>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** Resolves at once if all services are known. It keeps the set. */
  add(required: ReadonlySet<string>, { timeout = Infinity, signal }: WaitOptions): Promise<void> {
    if (!isTimeout(timeout))
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
    const waiter = new Deferred<void>({
      timeout,
      signal: checkSignal(signal),
      timedOut: () =>
        sleuthError(
          'SLEUTH_TIMEOUT',
          {
            what: `waitFor(${[...required].join(', ')})`,
            timeout,
            hint: `missing: ${this.#missingOf(required).join(', ')}; raise the timeout if they start later`,
          },
          { codes: [920, 936], retryable: true },
        ),
      settled: () => this.#waiting.delete(required),
    })
    if (this.#directory.hasAll(required)) waiter.resolve()
    else if (!waiter.settled) this.#waiting.set(required, waiter)
    return waiter.promise
  }

  /** Call it when an instance has appeared. */
  check(): void {
    for (const [required, waiter] of this.#waiting) if (this.#directory.hasAll(required)) waiter.resolve()
  }

  /** The services that somebody waits for. */
  missing(): string[] {
    return [...new Set([...this.#waiting.keys()].flatMap((required) => this.#missingOf(required)))]
  }

  #missingOf(required: ReadonlySet<string>): string[] {
    return [...required].filter((service) => this.#directory.size(service) === 0)
  }

  rejectAll(reason: () => unknown): void {
    for (const waiter of this.#waiting.values()) waiter.reject(reason())
  }
}

const names: readonly string[] = ['timeout', 'signal']

/** A number is the timeout. An unknown option may be a misspelt timeout, with which the wait would have no end. */
export function waitOptions(given: WaitOptions | number | null | undefined): WaitOptions {
  if (given === undefined || given === null) return {}
  if (typeof given === 'number') return { timeout: given }
  // A signal has no own fields, so it would make a wait without end.
  const isOptions = typeof given === 'object' && !('aborted' in given)
  if (isOptions && Object.keys(given).every((name) => names.includes(name))) return given
  const problem = 'must be a number of milliseconds, or an object with nothing but timeout and signal'
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'options', problem })
}

/** The names in the argument of `waitFor`, as a list. */
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
