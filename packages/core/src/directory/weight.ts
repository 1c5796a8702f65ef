import type { Instance } from '../types.js'

/** The share of calls that an instance asks for, by its label `weight`. */
export function weightOf({ meta }: Instance): number {
  const { weight } = meta
  if (weight === undefined) return 1
  const share = Number(weight)
  return weight.trim() !== '' && share >= 0 && share <= 1000 ? share : 1
}
