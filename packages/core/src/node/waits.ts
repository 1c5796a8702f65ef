import type { CallSelector } from '../client/call.js'
import type { Directory } from '../directory/directory.js'
import { checkSignal } from '../shared/abort.js'
import { Deferred } from '../shared/deferred.js'
import { sleuthError } from '../shared/errors.js'
import { isTimeout, timeoutProblem } from '../shared/options/values.js'
import type { WaitOptions } from '../types.js'

/** What a `waitFor` waits for: an instance of a service, or one that matches. */
export interface Awaited {
  readonly service: string
  readonly selector: CallSelector | undefined
  /** For messages: `users`, `users (version ^2)`. */
  readonly says: string
}

/** The calls of `waitFor` that wait for services to appear. */
export class ServiceWaiters {
  readonly #directory: Directory
  readonly #waiting = new Map<readonly Awaited[], Deferred<void>>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** Resolves at once if all are known. */
  add(required: readonly Awaited[], { timeout = Infinity, signal }: WaitOptions): Promise<void> {
    if (!isTimeout(timeout))
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
    const waiter = new Deferred<void>({
      timeout,
      signal: checkSignal(signal),
      timedOut: () =>
        sleuthError(
          'SLEUTH_TIMEOUT',
          {
            what: `waitFor(${required.map(({ says }) => says).join(', ')})`,
            timeout,
            hint: `missing: ${this.#missingOf(required).join(', ')}; raise the timeout if they start later`,
          },
          { codes: [920, 936], retryable: true },
        ),
      settled: () => this.#waiting.delete(required),
    })
    for (const { selector } of required) if (selector) selector.failed = (error) => waiter.reject(error)
    if (this.#hasAll(required)) waiter.resolve()
    else if (!waiter.settled) this.#waiting.set(required, waiter)
    return waiter.promise
  }

  /** Call it when an instance has appeared. */
  check(): void {
    for (const [required, waiter] of this.#waiting) if (this.#hasAll(required)) waiter.resolve()
  }

  /** The services that somebody waits for. */
  missing(): string[] {
    return [...new Set([...this.#waiting.keys()].flatMap((required) => this.#missingOf(required)))]
  }

  #hasAll(required: readonly Awaited[]): boolean {
    return required.every((awaited) => this.#isThere(awaited))
  }

  #missingOf(required: readonly Awaited[]): string[] {
    return required.filter((awaited) => !this.#isThere(awaited)).map(({ says }) => says)
  }

  #isThere({ service, selector }: Awaited): boolean {
    return this.#directory.size(service, selector, 1) > 0
  }

  rejectAll(reason: () => unknown): void {
    for (const waiter of this.#waiting.values()) waiter.reject(reason())
  }
}
