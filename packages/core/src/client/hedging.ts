import type { Endpoint } from '../directory/endpoint.js'
import type { Retry } from '../shared/options/retry.js'
import type { CallDependencies } from './call.js'
import { hedgesOnSilence, stallLimit } from './retry-policy.js'
import { SilenceCheck } from './silence-check.js'

/** A call that may send another attempt beside those that it waits for. */
export interface HedgedCall {
  readonly startedAt: number
  readonly timeout: number
  /** The instances that it waits for. None if another attempt is not allowed. */
  hedgeable(): readonly Endpoint[]
  /** Makes another attempt, if there is an instance that was not tried yet. */
  hedge(): void
}

/** When a call makes another attempt beside those that are silent, or that take too long. Only calls that may do so have one. */
export class Hedging {
  readonly #call: HedgedCall
  readonly #shared: CallDependencies
  readonly #retry: Retry
  /** Milliseconds between checks. */
  #interval: number
  #silence: SilenceCheck | undefined

  constructor(call: HedgedCall, shared: CallDependencies, retry: Retry, interval: number) {
    this.#call = call
    this.#shared = shared
    this.#retry = retry
    this.#interval = interval
  }

  /**
   * An interval is over. It hedges in the check phase: a response that has come is read before that, even if the process stood
   * still for long. Returns the milliseconds of the next interval. `next`: those that the policy has now, Infinity for none.
   */
  onInterval(tries: number, next: () => number): number {
    setImmediate(check, this)
    const coming = hedgesOnSilence(this.#retry) ? 0 : 1
    if (tries + coming >= this.#retry.tries) return Infinity
    const interval = next()
    if (interval < Infinity) this.#interval = interval
    return this.#interval
  }

  check(): void {
    const waitsFor = this.#call.hedgeable()
    if (waitsFor.length === 0) return
    if (hedgesOnSilence(this.#retry) && !this.#isSilent(waitsFor)) return
    if (this.#shared.budget.allows(this.#shared.now())) this.#call.hedge()
  }

  #isSilent(endpoints: readonly Endpoint[]): boolean {
    const { liveness, now } = this.#shared
    const { startedAt, timeout } = this.#call
    this.#silence ??= new SilenceCheck(liveness, startedAt + stallLimit(timeout))
    return this.#silence.isSilent(endpoints, now())
  }
}

function check(hedging: Hedging): void {
  hedging.check()
}
