import { Deferred } from '../shared/deferred.js'
import type { Emission } from './emission.js'
import type { Subscriber } from './subscribers.js'

type Found = readonly Subscriber[]

const NOBODY: Found = []

/** Events that wait for a subscriber, since none is known. */
export class AwaitedSubscribers {
  readonly #find: (emission: Emission) => Found
  readonly #waiting = new Map<Emission, Deferred<Found>>()

  constructor(find: (emission: Emission) => Found) {
    this.#find = find
  }

  /** Resolves to nobody if none comes in time. Rejects when the signal aborts. */
  async wait(emission: Emission): Promise<Found> {
    const { waitFor: timeout, signal } = emission
    const wait = new Deferred<Found>({
      timeout,
      signal,
      timedOut: () => NOBODY,
      settled: () => this.#waiting.delete(emission),
    })
    if (!wait.settled) this.#waiting.set(emission, wait)
    try {
      return await wait.promise
    } catch (reason) {
      if (reason === NOBODY) return NOBODY
      throw reason
    }
  }

  /** There may be new subscribers. */
  check(): void {
    for (const [emission, wait] of this.#waiting) {
      const found = this.#find(emission)
      if (found.length > 0) wait.resolve(found)
    }
  }

  close(): void {
    for (const wait of this.#waiting.values()) wait.resolve(NOBODY)
  }
}
