import { settle } from './claims.js'
import { canBeReplaced, connectNew, follow, holderOf } from './handshake.js'
import { drop, forget, type NodeState } from './state.js'
import type { Effect, PlaceClaim } from './types.js'

/** Whether somebody shook hands where a node was claimed to be. If so, it is greeted there unless it has been met meanwhile. `undefined`: nobody knows. */
export function onChecked(
  state: NodeState,
  checked: PlaceClaim,
  stands: boolean | undefined,
  now: number,
): Effect[] {
  const claim = settle(state, checked)
  const { id, endpoint, key } = claim
  if (stands === undefined) return []
  if (!stands) return [drop('false-claim', id)]
  const peer = state.peers.get(id)
  if (peer === undefined || holderOf(state, endpoint) !== undefined) return []
  if (canBeReplaced(peer, now)) {
    return [drop('false-claim', id), ...forget(state, peer, 'replaced'), ...connectNew(state, claim, now)]
  }
  const waits = peer.key === key && !peer.connected && peer.view === undefined
  return waits ? follow(state, peer, endpoint, now) : []
}
