import type { CallOptions } from '../types.js'
import type { CallDependencies, Parked } from './call-dependencies.js'
import { backoffDelay } from './retry-policy.js'

/** A call that is put off. */
export interface WaitingCall extends Parked {
  /** The pause is over. */
  again(): void
  /** It was parked for as long as it may be. */
  expire(): void
}

/**
 * Puts off a call's next try: for a pause when every instance has had one, or, parked, until there is an instance. Made for
 * the few calls that come to it.
 */
export class Backoff {
  readonly #call: WaitingCall
  readonly #shared: CallDependencies
  #timer: NodeJS.Timeout | undefined
  #pauses = 0
  #slot = -1
  /** When it has been parked for as long as it may be. */
  #until: number | undefined

  constructor(call: WaitingCall, shared: CallDependencies) {
    this.#call = call
    this.#shared = shared
  }

  get parked(): boolean {
    return this.#slot !== -1
  }

  pause(): void {
    const delay = backoffDelay(this.#pauses++, this.#shared.random())
    this.#timer = setTimeout(again, delay, this.#call)
  }

  /** `waitFor`: how long it may be parked, all times together. */
  waitForReady(waitFor: CallOptions['waitFor']): void {
    this.#slot = this.#shared.parked.add(this.#call)
    if (typeof waitFor !== 'number' || waitFor === Infinity) return
    const now = this.#shared.now()
    // Not `until - now` the first time: with the rounding of floats it may be a hair more than was asked for.
    const left = this.#until === undefined ? waitFor : this.#until - now
    this.#until ??= now + waitFor
    this.#timer = setTimeout(expire, Math.max(1, left), this.#call)
  }

  end(): void {
    clearTimeout(this.#timer)
    if (this.#slot === -1) return
    this.#shared.parked.delete(this.#slot)
    this.#slot = -1
  }
}

function again(call: WaitingCall): void {
  call.again()
}

function expire(call: WaitingCall): void {
  call.expire()
}
