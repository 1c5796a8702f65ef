import { canBeReplaced } from './handshake.js'
import { forgetNewcomer, greetFound, meetFound } from './newcomers.js'
import { drop, forget, type NodeState, usableEndpoint } from './state.js'
import type { Effect, Input } from './types.js'

/** A node was found by other means than a beacon. It is no sign of life: what was found may be old. */
export function onFound(state: NodeState, found: Input & { type: 'found' }, now: number): Effect[] {
  const { id, endpoint, key, alias = false, ours = false, urgent = false } = found
  if (id === state.config.id) return []
  if (endpoint === state.endpoint) return [drop('own-endpoint', id)]
  const usable = usableEndpoint(state, endpoint)
  if (usable === undefined) return [drop('found-off-network', endpoint)]
  const known = state.peers.get(id)
  if (known !== undefined && known.key !== key && !canBeReplaced(known, now))
    return [drop('key-mismatch', id)]
  const claim = { id, endpoint, key, alias, ours }
  return urgent ? meetFound(state, claim, now) : greetFound(state, claim, now)
}

/** Whoever found a node says that it is gone. Of one that is met only the connection tells that. */
export function onGone(state: NodeState, { id, endpoint }: Input & { type: 'gone' }): Effect[] {
  forgetNewcomer(state, id)
  const peer = state.peers.get(id)
  if (peer === undefined || peer.endpoint !== endpoint || peer.connected) return []
  return forget(state, peer, 'stopped')
}
