import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import type { Following } from '../wire/message.js'
import { contest } from './claims.js'
import { mayConnect, mayConnectByHello } from './connect-limit.js'
import { CROSSING_MS, canBeReplaced, connectNew, follow, holderOf } from './handshake.js'
import { drop, forget, type NodeState, usableEndpoint } from './state.js'
import { suspect } from './suspicion.js'
import type { Effect, Input, PlaceClaim } from './types.js'

/**
 * A node is said to be at an endpoint. It is greeted there if it is not known, which shows whether that is true. `mayGreet`:
 * whether one more connection may be opened to that place.
 */
export function meet(state: NodeState, claim: PlaceClaim, mayGreet: () => boolean, now: number): Effect[] {
  const { id, endpoint, key } = claim
  const peer = state.peers.get(id)
  if (peer !== undefined && peer.key === key) {
    if (peer.lost !== undefined) return follow(state, peer, endpoint, now)
    // If it does not answer in time, it is asked to on our connection. Not before: it may be busy, and hold us present already.
    if (claim.ours) peer.ours = true
    if (endpoint === peer.endpoint || !canBeReplaced(peer, now)) return []
  }
  const holder = holderOf(state, endpoint)
  if (holder !== undefined) return [drop('endpoint-taken', id), ...suspect(state, holder, 'replaced', now)]
  if (isGreeterAt(state, endpoint, now)) return [drop('endpoint-taken', id)]
  if (peer !== undefined) return contest(state, claim)
  if (state.peers.size >= state.config.maxPeers) return [drop('peer-limit', id)]
  if (!mayGreet()) return [drop('greeting-limit', parseEndpoint(endpoint)?.address)]
  return connectNew(state, claim, now)
}

/**
 * Another node says itself, by HELLO, that it is there, and our mailbox is about to find out. A node that is merely said to be
 * there would take its place, and its HELLO would be lost.
 */
function isGreeterAt(state: NodeState, endpoint: string, now: number): boolean {
  for (const { greeting, endpoint: place, spokeAt, returning } of state.peers.values()) {
    if (
      place === endpoint &&
      !returning &&
      greeting !== undefined &&
      spokeAt !== undefined &&
      now - spokeAt < CROSSING_MS
    )
      return true
  }
  return false
}

/** A node was found by other means than a beacon. It is no sign of life: what was found may be old. */
export function onFound(state: NodeState, found: Input & { type: 'found' }, now: number): Effect[] {
  const { id, endpoint, key, alias = false, ours = false } = found
  if (id === state.config.id) return []
  if (endpoint === state.endpoint) return [drop('own-endpoint', id)]
  const usable = usableEndpoint(state, endpoint)
  if (usable === undefined) return [drop('found-off-network', endpoint)]
  const known = state.peers.get(id)
  if (known !== undefined && known.key !== key && !canBeReplaced(known, now))
    return [drop('key-mismatch', id)]
  const address = parseEndpoint(endpoint)?.address ?? ''
  return meet(state, { id, endpoint, key, alias, ours }, () => mayConnect(state, address), now)
}

/**
 * A peer that we have forgotten speaks: it holds us present, since its connection to us stands. It was stopped for a while, or
 * only our connection to it was cut. A beacon of it may never come in here, so it is greeted where it was.
 */
export function meetAgain(state: NodeState, id: NodeId, { type }: Following, now: number): Effect[] {
  const place = state.forgotten.get(id)
  state.forgotten.delete(id)
  if (place === undefined || type === 'goodbye') return []
  if (usableEndpoint(state, place.endpoint) === undefined) return []
  return meet(state, place, () => mayConnectByHello(state, place.endpoint), now)
}

/** Whoever found a node says that it is gone. Of one that is met only the connection tells that. */
export function onGone(state: NodeState, { id, endpoint }: Input & { type: 'gone' }): Effect[] {
  const peer = state.peers.get(id)
  if (peer === undefined || peer.endpoint !== endpoint || peer.connected) return []
  return forget(state, peer, 'stopped')
}
