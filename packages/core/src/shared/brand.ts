import type { Sleuth } from '../types.js'

/** What every `Sleuth` has. */
export const brand: unique symbol = Symbol.for('sleuth.client')

/** Also true of a client of another copy of this package. */
export function isSleuth(value: unknown): value is Sleuth {
  return typeof value === 'object' && value !== null && brand in value
}
