import * as v from 'valibot'
import type { RetryDefaults, RetryOptions } from '../../types.js'
import { pageAt } from '../error-codes.js'
import { sleuthError } from '../errors.js'

/** How often, and when, a call is tried again. All defaults are filled in. */
export interface Retry {
  readonly tries: number
  readonly nonIdempotent: boolean
  /** Milliseconds, `Infinity` for never, or a percentile of recent answers. Undefined: when an instance is silent. */
  readonly hedgeAfter: number | Percentile | undefined
}

interface Percentile {
  /** From 0 to 1. */
  readonly percentile: number
}

const defaults: Retry = Object.freeze({ tries: 3, nonIdempotent: false, hedgeAfter: undefined })

const triesProblem = 'must be a whole number from 1 to 100'
const hedgeProblem =
  'must be a number of milliseconds above 0, at most 2147483647, a percentile such as "p95", or false for never'

const entries = {
  tries: v.optional(
    v.pipe(
      v.number(triesProblem),
      v.check((tries) => Number.isInteger(tries) && tries >= 1 && tries <= 100, triesProblem),
    ),
  ),
  nonIdempotent: v.optional(v.boolean('must be true or false')),
  hedgeAfter: v.optional(
    v.custom<NonNullable<RetryOptions['hedgeAfter']>>(
      (value) => value === false || isDelay(value) || percentileOf(value) !== undefined,
      hedgeProblem,
    ),
  ),
}

function isDelay(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && (value < 2 ** 31 || value === Infinity)
}

/** `p95` as 0.95, and `p99.9` as 0.999. */
function percentileOf(value: unknown): number | undefined {
  const [, digits] = (typeof value === 'string' && /^p([0-9]{1,2}(?:\.[0-9]{1,2})?)$/.exec(value)) || []
  return Number(digits) > 0 ? Number(digits) / 100 : undefined
}

function hedgeOf(given: NonNullable<RetryOptions['hedgeAfter']>): number | Percentile {
  if (given === false) return Infinity
  return typeof given === 'number' ? given : { percentile: percentileOf(given) as number }
}

const share = v.pipe(
  v.number('must be a number from 0 to 1'),
  v.minValue(0, 'must be a number from 0 to 1'),
  v.maxValue(1, 'must be a number from 0 to 1'),
)

const shape = 'must be false, or an object'

const ofCall = v.union([v.literal(false), v.strictObject(entries, shape)], shape)

/** The fields in the options of `createSleuth`, which may also be `false`. */
export const retryFields = v.strictObject({ ...entries, budget: v.optional(share) }, shape)

/** Fills up the given options from `base`. They are checked already. */
export function retryOf(given: false | RetryDefaults | undefined, base: Retry = defaults): Retry {
  if (given === undefined) return base
  if (given === false) return Object.freeze({ ...base, tries: 1 })
  const { tries = base.tries, nonIdempotent = base.nonIdempotent, hedgeAfter } = given
  const hedge = hedgeAfter === undefined ? base.hedgeAfter : hedgeOf(hedgeAfter)
  return Object.freeze({ tries, nonIdempotent, hedgeAfter: hedge })
}

export function budgetOf(given: false | RetryDefaults | undefined): number {
  return (given === false ? undefined : given?.budget) ?? 0.2
}

/** Whether the option is sleuth's. Other libraries use the same name, with numbers or with fields of their own. */
export function isOwnRetry(given: unknown): given is false | RetryOptions | undefined {
  if (given === undefined || given === false) return true
  if (typeof given !== 'object' || given === null) return false
  const names = Object.keys(given)
  return names.length === 0 || names.some((name) => name in entries)
}

/** Fills up the options of one call from those of the client. */
export function retryOfCall(given: false | RetryOptions | undefined, base: Retry): Retry {
  if (given === undefined) return base
  const checked = v.safeParse(ofCall, given)
  if (checked.success) return retryOf(checked.output, base)
  const names = Object.keys(entries).join(', ')
  const problem = `must be false, or an object with any of ${names}, as ${pageAt('api.md')} has them`
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'retry', problem })
}
