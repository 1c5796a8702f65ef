import { setMaxListeners } from 'node:events'
import { sleuthError } from './errors.js'

/** What ends something early: as much of an `AbortSignal` as is needed for it, so that others can play one. */
export interface AbortLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * Whichever of two comes first. `AbortSignal.any` would do the same, but makes a signal for each call, and holds on to
 * it for as long as a source of it lives.
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

/** The signal of a package from before there were reasons: its abort has that of an abort without one. */
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

/** A user's signal, of whatever make: it has a reason once it is aborted. */
export function withReason(signal: AbortLike): AbortLike {
  return signal instanceof AbortSignal ? signal : new WithReason(signal)
}

/** If both have come before, the reason is that of `one`. */
export function either(
  one: AbortLike | null | undefined,
  other: AbortLike | null | undefined,
): AbortLike | undefined {
  if (one && other) return new AnySignal(one, other)
  return one ?? other ?? undefined
}

/** To be called for a signal of a user's. As with Node's own `fetch`, one for many calls is no leak, which Node would warn of. */
export function checkSignal(signal: AbortLike | null | undefined): AbortLike | undefined {
  if (signal === null || signal === undefined) return undefined
  if (typeof signal.addEventListener !== 'function') {
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'signal', problem: 'must be an AbortSignal' })
  }
  if (signal instanceof AbortSignal) setMaxListeners(0, signal)
  return withReason(signal)
}
