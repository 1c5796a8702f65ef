import { Deferred } from '../shared/deferred.js'
import type { Emission } from './emission.js'

const IN_VAIN = Symbol('in vain')

/** Events that wait for a subscriber, since none is known. */
export class AwaitedSubscribers {
  readonly #isWanted: (emission: Emission) => boolean
  readonly #waiting = new Map<Emission, Deferred<void>>()

  /** `isWanted`: whether somebody subscribes. */
  constructor(isWanted: (emission: Emission) => boolean) {
    this.#isWanted = isWanted
  }

  /** Resolves when there is a subscriber, or none came in time. Rejects when the signal aborts. */
  async wait(emission: Emission): Promise<void> {
    const { waitFor: timeout, signal } = emission
    const wait = new Deferred<void>({
      timeout,
      signal,
      timedOut: () => IN_VAIN,
      settled: () => this.#waiting.delete(emission),
    })
    if (!wait.settled) this.#waiting.set(emission, wait)
    try {
      await wait.promise
    } catch (reason) {
      if (reason !== IN_VAIN) throw reason
    }
  }

  /** There may be new subscribers. */
  check(): void {
    for (const [emission, wait] of this.#waiting) if (this.#isWanted(emission)) wait.resolve()
  }

  close(): void {
    for (const wait of this.#waiting.values()) wait.resolve()
  }
}
