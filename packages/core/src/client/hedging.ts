import type { Retry } from '../shared/retry-options.js'
import { isIdempotent } from './idempotent.js'
import type { Latencies } from './latencies.js'

/** A third of the timeout leaves as much for each of three tries. */
const HEDGE_SHARE = 3

/** Milliseconds. A busy process takes as long for nothing. */
export const MIN_HEDGE_MS = 20
/** A silent instance gets no more time than this, however long a call may take. */
const MAX_SILENCE_MS = 500
/** Looks at an instance before it counts as silent: the first PINGs it, the second probes it, the third tells. */
const CHECKS = 3
/** An instance that has read nothing for this share of a call's timeout is no better than a silent one. */
const STALL_SHARE = 2 / 3

/** Whether a call is sent to another instance only when the one that it waits for is silent, and not just slow. */
export function hedgesOnSilence({ hedgeAfter }: Retry): boolean {
  return hedgeAfter === undefined
}

/** Milliseconds between looks whether another instance is to be asked; `Infinity` for never. */
export function hedgeInterval(
  { tries, hedgeAfter }: Retry,
  method: string,
  timeout: number,
  instances: number,
  latencies: Latencies | undefined,
): number {
  if (tries === 1 || instances < 2 || !isIdempotent(method)) return Infinity
  if (typeof hedgeAfter === 'number') return hedgeAfter
  if (hedgeAfter !== undefined) return Math.max(1, latencies?.percentile(hedgeAfter.percentile) ?? Infinity)
  const patience = Math.min(MAX_SILENCE_MS, Math.max(MIN_HEDGE_MS, timeout / HEDGE_SHARE))
  return Math.floor(patience / CHECKS)
}

/** Milliseconds of a call's timeout after which an instance that reads nothing counts as silent. */
export function stallLimit(timeout: number): number {
  return timeout * STALL_SHARE
}
