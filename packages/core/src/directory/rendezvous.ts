import type { Endpoint } from './endpoint.js'
import { fraction, hashed } from './hash.js'

/**
 * The instance for a key, by weighted rendezvous hashing: every caller finds the same one, and when an instance goes only its
 * own keys move.
 */
export function byKey(members: readonly Endpoint[], key: string): Endpoint | undefined {
  let best: Endpoint | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const member of members) {
    const score = (member.weight || 1) / -Math.log(fraction(hashed(key, member.idHash)))
    if (score > most) [best, most] = [member, score]
  }
  return best
}
