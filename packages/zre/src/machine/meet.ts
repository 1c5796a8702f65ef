import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import type { Following } from '../wire/message.js'
import { contest } from './claims.js'
import { mayConnectByHello } from './connect-limit.js'
import { CROSSING_MS, canBeReplaced, connectNew, follow, holderOf } from './handshake.js'
import type { PeerState } from './peer.js'
import { drop, type NodeState, usableEndpoint } from './state.js'
import { suspect } from './suspicion.js'
import type { Effect, PlaceClaim } from './types.js'

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
    if (endpoint === peer.endpoint) return []
    if (!canBeReplaced(peer, now) && !isWhereItSays(state, peer, endpoint)) return []
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
 * Its HELLO named this endpoint, and waits for our mailbox, which connects elsewhere. Nobody shook hands there when that was checked:
 * the network was split, or lost a packet.
 */
function isWhereItSays(
  state: NodeState,
  { greeting, connected, view }: PeerState,
  endpoint: string,
): boolean {
  if (greeting === undefined || connected || view !== undefined) return false
  return usableEndpoint(state, greeting.announced) === endpoint
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
