import type { CallDependencies, UnreadyCall } from './call.js'
import { backoffDelay } from './retry-policy.js'

/** A call that waits before its next attempt. */
export interface WaitingCall extends UnreadyCall {
  /** The pause is over. */
  retry(): void
  onWaitExpired(): void
}

/**
 * Delays the next attempt of a call: for a pause if every instance has been tried, or until there is an instance. Only the few
 * calls that need one have it.
 */
export class Backoff {
  readonly #call: WaitingCall
  readonly #shared: CallDependencies
  #timer: NodeJS.Timeout | undefined
  #pauses = 0
  #slot = -1
  /** When the wait for an instance expires. */
  #expiresAt: number | undefined

  constructor(call: WaitingCall, shared: CallDependencies) {
    this.#call = call
    this.#shared = shared
  }

  get isWaitingForReady(): boolean {
    return this.#slot !== -1
  }

  pause(): void {
    const delay = backoffDelay(this.#pauses++, this.#shared.random())
    this.#timer = setTimeout(retry, delay, this.#call)
  }

  /** `waitFor`: how long the call may wait in all. */
  waitForReady(waitFor: number | boolean): void {
    this.#slot = this.#shared.unready.add(this.#call)
    if (typeof waitFor !== 'number' || waitFor === Infinity) return
    const now = this.#shared.now()
    // The first time it is not `expiresAt - now`: by the rounding of floats that may be slightly more than `waitFor`.
    const left = this.#expiresAt === undefined ? waitFor : this.#expiresAt - now
    this.#expiresAt ??= now + waitFor
    this.#timer = setTimeout(expire, Math.max(1, left), this.#call)
  }

  end(): void {
    clearTimeout(this.#timer)
    if (this.#slot === -1) return
    this.#shared.unready.delete(this.#slot)
    this.#slot = -1
  }
}

function retry(call: WaitingCall): void {
  call.retry()
}

function expire(call: WaitingCall): void {
  call.onWaitExpired()
}
