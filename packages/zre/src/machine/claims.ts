import { drop, type NodeState } from './state.js'
import type { Effect, PlaceClaim } from './types.js'

/** Claims that are checked at a time. Each takes a connection, for as long as the driver waits for a handshake. */
export const MAX_CLAIMS = 128

/**
 * A node that was greeted in vain so far is said to be elsewhere, or to hold another key. Either may be forged. So that the
 * forged one does not keep the true one away, both are tried: who shakes hands there is greeted, with encryption the holder of
 * the key alone. Forged claims cost a connection each, and never the place of one that stands.
 */
export function contest(state: NodeState, claim: PlaceClaim): Effect[] {
  const { id, endpoint, key } = claim
  const name = nameOf(claim)
  if (state.claims.has(name)) return []
  if (state.claims.size >= MAX_CLAIMS) return [drop('greeting-limit', id)]
  state.claims.set(name, claim)
  return [{ type: 'check', id, endpoint, key }]
}

/** The claim is checked, and may be made again. Gives it as it was made. */
export function settle(state: NodeState, checked: PlaceClaim): PlaceClaim {
  const name = nameOf(checked)
  const claim = state.claims.get(name) ?? checked
  state.claims.delete(name)
  return claim
}

export function nameOf({ id, endpoint, key = '' }: PlaceClaim): string {
  return `${id} ${endpoint} ${key}`
}
