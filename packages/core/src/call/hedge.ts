import type { Retry } from '../retry.js'
import { isIdempotent } from './idempotent.js'

/** A third of the timeout leaves as much for each of three tries. */
const hedgeShare = 3

/** Milliseconds. A busy process takes as long for nothing. */
export const hedgeFloor = 20

/** Milliseconds of silence after which a call is sent to a further instance; `Infinity` for never. */
export function hedgeDelay(retry: Retry, method: string, timeout: number, instances: number): number {
  const { tries, hedgeAfter } = retry
  if (tries === 1 || !isIdempotent(method) || instances < 2) return Infinity
  return hedgeAfter ?? Math.max(hedgeFloor, Math.floor(timeout / hedgeShare))
}
