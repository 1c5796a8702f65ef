import type { Instance } from '../types.js'

/** A smaller share would move an instance so far on that the turns of all others could not be told apart. */
const LEAST = 0.001

/** The share of calls that an instance asks for, by its label `weight`. */
export function weightOf({ meta }: Instance): number {
  const { weight } = meta
  if (weight === undefined) return 1
  const share = Number(weight)
  if (weight.trim() === '' || !(share >= 0 && share <= 1000)) return 1
  return share === 0 ? 0 : Math.max(LEAST, share)
}
