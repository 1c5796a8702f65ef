import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import { drop, type NodeState } from './state.js'
import type { Effect } from './types.js'

/** Claims that are checked at a time. Each takes a connection, for as long as the driver waits for a handshake. */
export const MAX_CLAIMS = 128

/** That a node is at an endpoint and holds a key: a beacon says so, or a HELLO. */
export interface PlaceClaim {
  readonly id: NodeId
  readonly endpoint: string
  readonly key?: PublicKey | undefined
}

/**
 * A node that was greeted in vain so far is said to be elsewhere, or to hold another key. Either may be forged. So that the
 * forged one does not keep the true one away, both are tried: who shakes hands there is greeted, with encryption the holder of
 * the key alone. Forged claims cost a connection each, and never the place of one that stands.
 */
export function contest(state: NodeState, { id, endpoint, key }: PlaceClaim): Effect[] {
  const claim = nameOf({ id, endpoint, key })
  if (state.claims.has(claim)) return []
  if (state.claims.size >= MAX_CLAIMS) return [drop('greeting-limit', id)]
  state.claims.add(claim)
  return [{ type: 'check', id, endpoint, key }]
}

/** The claim is checked, and may be made again. */
export function settle(state: NodeState, claim: PlaceClaim): void {
  state.claims.delete(nameOf(claim))
}

function nameOf({ id, endpoint, key = '' }: PlaceClaim): string {
  return `${id} ${endpoint} ${key}`
}
