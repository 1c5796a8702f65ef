import { sleuthError } from '../errors.js'
import { isTimeout, timeoutProblem } from '../options.js'
import type { WaitOptions } from '../types.js'
import { Waiter } from '../waiter.js'
import type { Directory } from './directory.js'

/** Those who wait for services to appear. */
export class Waits {
  readonly #directory: Directory
  readonly #waiting = new Map<Waiter<void>, ReadonlySet<string>>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** Resolves at once when every service is known. */
  add(required: ReadonlySet<string>, { timeout = Infinity, signal }: WaitOptions): Promise<void> {
    if (!isTimeout(timeout))
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
    const waiter: Waiter<void> = new Waiter({
      timeout,
      signal,
      timedOut: () =>
        sleuthError(
          'SLEUTH_TIMEOUT',
          { what: `waitFor(${[...required].join(', ')})`, timeout },
          { codes: [920, 936], retryable: true },
        ),
      settled: () => this.#waiting.delete(waiter),
    })
    if (this.#directory.hasAll(required)) waiter.resolve()
    else if (!signal?.aborted) this.#waiting.set(waiter, required)
    return waiter.promise
  }

  /** To be called when an instance has appeared. */
  check(): void {
    for (const [waiter, required] of this.#waiting) if (this.#directory.hasAll(required)) waiter.resolve()
  }

  rejectAll(reason: () => unknown): void {
    for (const waiter of this.#waiting.keys()) waiter.reject(reason())
  }
}

/** The names that a caller of `waitFor` gave, as a list. */
export function serviceList(services: string | readonly string[]): readonly string[] {
  const list: unknown = typeof services === 'string' ? [services] : services
  if (Array.isArray(list) && list.every((service) => typeof service === 'string' && service !== ''))
    return list
  throw sleuthError('SLEUTH_ARGUMENT', {
    argument: 'services',
    problem: 'must be the name of a service, or a list of names',
  })
}
