import { UsageError } from '../usage-error.js'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of `500ms`, `2s`, `1.5m`, `1h`. A number without a unit means seconds. */
export function readDuration(option: string, text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/.exec(text) ?? []
  if (number === undefined) {
    throw new UsageError(`${option} must be a time such as 500ms, 2s or 1m, and is "${text}"`)
  }
  return Number(number) * units[unit as keyof typeof units]
}

/** A whole number of something, at least so many. */
export function readCount(option: string, text: string, least = 1): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(count) && count >= least) return count
  throw new UsageError(`${option} must be a whole number, at least ${least}, and is "${text}"`)
}
