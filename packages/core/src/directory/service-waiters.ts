import { checkSignal, Deferred } from '../shared/deferred.js'
import { sleuthError } from '../shared/errors.js'
import { isServiceName } from '../shared/names.js'
import { isTimeout, timeoutProblem } from '../shared/options.js'
import type { WaitOptions } from '../types.js'
import type { Directory } from './directory.js'

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
