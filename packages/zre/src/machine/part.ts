import type { NodeId } from '../wire/identity.js'
import { isMarked } from '../wire/identity.js'
import { forget, type NodeState } from './state.js'
import type { Effect } from './types.js'

/**
 * The user closes the link to a peer; the peer's user does the same. Neither end is told by the other: whoever holds the
 * other present all the same finds out when it speaks.
 */
export function onPart(state: NodeState, id: NodeId): Effect[] {
  const peer = state.peers.get(id)
  return peer?.view === undefined ? [] : forget(state, peer, 'parted', true)
}

/** Whether a node is to be greeted that is not known here and that a beacon or a discovery tells of. */
export function isGreeted(state: NodeState, id: NodeId): boolean {
  const { config, peers, newcomers } = state
  const { introduced } = config
  return introduced === undefined || !isMarked(id) || introduced.greets(id, peers.size + newcomers.size)
}
