import { setMaxListeners } from 'node:events'
import { sleuthError } from './errors.js'

/** The part of an `AbortSignal` that sleuth uses, so that other objects can take the place of one. */
export interface AbortLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * Aborts with the first of two. `AbortSignal.any` does the same, but it makes a signal for each call, and keeps the signal
 * for as long as one of its sources lives.
 */
class AnySignal implements AbortLike {
  readonly #one: AbortLike
  readonly #other: AbortLike

  constructor(one: AbortLike, other: AbortLike) {
    this.#one = one
    this.#other = other
  }

  get aborted(): boolean {
    return this.#one.aborted || this.#other.aborted
  }

  get reason(): unknown {
    return this.#one.aborted ? this.#one.reason : this.#other.reason
  }

  addEventListener(type: 'abort', listener: () => void): void {
    this.#one.addEventListener(type, listener)
    this.#other.addEventListener(type, listener)
  }

  removeEventListener(type: 'abort', listener: () => void): void {
    this.#one.removeEventListener(type, listener)
    this.#other.removeEventListener(type, listener)
  }
}

/** A signal of an old package, which knows no reasons: it gets the reason of an abort without one. */
class WithReason implements AbortLike {
  readonly #signal: AbortLike

  constructor(signal: AbortLike) {
    this.#signal = signal
  }

  get aborted(): boolean {
    return this.#signal.aborted
  }

  get reason(): unknown {
    const { reason } = this.#signal
    return reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason
  }

  addEventListener(type: 'abort', listener: () => void): void {
    this.#signal.addEventListener(type, listener)
  }

  removeEventListener(type: 'abort', listener: () => void): void {
    this.#signal.removeEventListener(type, listener)
  }
}

/** A user's signal, of any make. It has a reason once it is aborted. */
export function withReason(signal: AbortLike): AbortLike {
  return signal instanceof AbortSignal ? signal : new WithReason(signal)
}

/** Combines two signals. If both are aborted already, the reason is that of `one`. */
export function either(
  one: AbortLike | null | undefined,
  other: AbortLike | null | undefined,
): AbortLike | undefined {
  if (one && other) return new AnySignal(one, other)
  return one ?? other ?? undefined
}

/** Checks a user's signal. One signal may serve many calls, as with Node's `fetch`, so Node must not warn of a leak. */
export function checkSignal(signal: AbortLike | null | undefined): AbortLike | undefined {
  if (signal === null || signal === undefined) return undefined
  if (typeof signal.addEventListener !== 'function' || typeof signal.removeEventListener !== 'function') {
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'signal', problem: 'must be an AbortSignal' })
  }
  if (signal instanceof AbortSignal) setMaxListeners(0, signal)
  return withReason(signal)
}
