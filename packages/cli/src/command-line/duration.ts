import { UsageError } from '../usage-error.js'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** A timer of Node has no more milliseconds: 24 days. */
const MOST = 2 ** 31 - 1

/** Milliseconds of `500ms`, `2s`, `1.5m`, `1h`. A number without a unit means seconds. `least`: milliseconds. */
export function readDuration(option: string, text: string, least = 0): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/.exec(text) ?? []
  if (number === undefined) {
    throw new UsageError(`${option} must be a time such as 500ms, 2s or 1m, and is "${text}"`)
  }
  const time = Number(number) * units[unit as keyof typeof units]
  if (time >= least && time <= MOST) return time
  throw new UsageError(`${option} must be a time from ${least}ms to 596h, and is "${text}"`)
}

/** A whole number of something. */
export function readCount(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= most) return count
  const limit = most === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${most}`
  throw new UsageError(`${option} must be a whole number, at least 1${limit}, and is "${text}"`)
}
