import type { Retry } from '../shared/options/retry.js'

/** RFC 9110, section 9.2.2. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

export function isIdempotent(method: string): boolean {
  return idempotent.has(method)
}

/** Whether a request may be sent once more. `sent`: how often it was; `ran`: it may have run, so a repetition may do harm. */
export function mayRepeat(
  { tries, nonIdempotent }: Retry,
  method: string,
  sent: number,
  ran: boolean,
): boolean {
  return sent < tries && (!ran || nonIdempotent || isIdempotent(method))
}

/** The time constant, in milliseconds, by which past calls decay exponentially. */
export const TTL_MS = 10_000

/** The retries that are allowed in each second, whatever the share is. */
export const MIN_PER_SECOND = 10

/**
 * Prevents retries from multiplying a load: only a share of recent calls may be sent again, or a few in each second if there
 * are few calls. A call that succeeds costs one addition, because only a retry reads the clock.
 */
export class RetryBudget {
  /** The number of all calls that were ever made. */
  calls = 0
  readonly #share: number
  #seen = 0
  #recent = 0
  #spent = 0
  #at: number

  /** `now`: milliseconds, from any moment on. */
  constructor(share: number, now: number) {
    this.#share = share
    this.#at = now
  }

  /** Whether a retry is allowed now. */
  allows(now: number): boolean {
    this.#decay(now)
    const floor = this.#share === 0 ? 0 : (MIN_PER_SECOND * TTL_MS) / 1000
    return this.#spent + 1 <= Math.max(floor, this.#share * this.#recent)
  }

  spend(): void {
    this.#spent++
  }

  /** The calls since the last time count as if they had come evenly. */
  #decay(now: number): void {
    const ages = Math.max(0, now - this.#at) / TTL_MS
    const kept = Math.exp(-ages)
    const fresh = this.calls - this.#seen
    this.#recent = this.#recent * kept + (ages === 0 ? fresh : (fresh * (1 - kept)) / ages)
    this.#spent *= kept
    this.#seen = this.calls
    this.#at = now
  }
}

/** The first pause between rounds of attempts, in milliseconds, on average. It doubles each time. */
const BASE_PAUSE_MS = 10

/** Milliseconds until the next round of attempts, after so many pauses. `random` is from 0 to 1. */
export function backoffDelay(pauses: number, random: number): number {
  return BASE_PAUSE_MS * 2 ** pauses * (0.5 + random)
}

/** The number of a service's responses that are remembered. */
const MAX_SAMPLES = 512
/** A percentile of fewer samples means nothing. */
const MIN_SAMPLES = 20
/** A percentile is computed again after so many responses. */
const REFRESH = 32

/** How long a service's recent responses took, in milliseconds. */
export class Latencies {
  readonly #samples: number[] = []
  readonly #percentiles = new Map<number, number>()
  #next = 0
  #fresh = 0

  record(milliseconds: number): void {
    this.#samples[this.#next] = milliseconds
    this.#next = (this.#next + 1) % MAX_SAMPLES
    if (++this.#fresh < REFRESH && this.#samples.length > MIN_SAMPLES) return
    this.#fresh = 0
    this.#percentiles.clear()
  }

  /** The time within which a share of the responses came, from 0 to 1. `Infinity` while there are too few. */
  percentile(share: number): number {
    if (this.#samples.length < MIN_SAMPLES) return Infinity
    let value = this.#percentiles.get(share)
    if (value === undefined) {
      const sorted = [...this.#samples].sort((one, other) => one - other)
      value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
      this.#percentiles.set(share, value)
    }
    return value
  }
}

/** A third of the timeout leaves as much for each of three attempts. */
const HEDGE_SHARE = 3
/** Milliseconds. A busy process may need so long for any response. */
export const MIN_HEDGE_MS = 20
/** Milliseconds after which a call to a silent instance is hedged at the latest, however long its timeout is. */
const MAX_SILENCE_MS = 500
/** An instance counts as silent at the third check: the first pings it, the second probes it. */
const CHECKS = 3
/** An instance that has read nothing for this share of a call's timeout is no better than a silent one. */
const STALL_SHARE = 2 / 3

/** Whether a call is hedged only when the instance that it waits for is silent, and not when it is slow. */
export function hedgesOnSilence({ hedgeAfter }: Retry): boolean {
  return hedgeAfter === undefined
}

/** Milliseconds between checks whether a call is to be hedged; `Infinity` for never. */
export function hedgeInterval(
  { tries, hedgeAfter }: Retry,
  method: string,
  timeout: number,
  latencies: Latencies | undefined,
): number {
  if (tries === 1 || !isIdempotent(method)) return Infinity
  if (typeof hedgeAfter === 'number') return hedgeAfter
  if (hedgeAfter !== undefined) return Math.max(1, latencies?.percentile(hedgeAfter.percentile) ?? Infinity)
  const patience = Math.min(MAX_SILENCE_MS, Math.max(MIN_HEDGE_MS, timeout / HEDGE_SHARE))
  return Math.floor(patience / CHECKS)
}

/** Milliseconds of a call's timeout after which an instance that reads nothing counts as silent. */
export function stallLimit(timeout: number): number {
  return timeout * STALL_SHARE
}
