import type { Reach } from '../types.js'
import type { PeerState } from './peer.js'
import type { NodeState } from './state.js'
import type { Effect } from './types.js'

/** A beacon that was under way when a connection broke is no sign that its sender lives. */
const MIN_BEACON_AGE_MS = 500
/** To replace a mailbox takes 250 ms at least, and one that is being replaced is no failure. */
const MIN_TRIED_MS = 1000

export function reachOf(peer: PeerState): Reach {
  return peer.view === undefined ? (peer.trouble ?? 'connecting') : 'connected'
}

/** Something of it is new: what was wrong before is not known to be so now. */
export function beginReach(peer: PeerState, now: number): void {
  peer.trouble = undefined
  peer.since = now
}

export function setTrouble(peer: PeerState, trouble: PeerState['trouble'], now: number): void {
  if (peer.trouble === trouble) return
  peer.trouble = trouble
  peer.since = now
}

/**
 * A node beacons, so it lives, and yet we can't connect to it, or it does not greet us, which takes a connection of its own.
 * Told once. Who is silent, too, may be busy or gone: that is no news.
 */
export function diagnose(state: NodeState, peer: PeerState, now: number): Effect[] {
  const { evasive, expired } = state.config
  const beacons = peer.heardAt - peer.since >= MIN_BEACON_AGE_MS && now - peer.heardAt < evasive
  const disconnectedFor = now - Math.max(peer.since, peer.disconnectedAt)
  // Who does not answer gets a second HELLO first.
  const isLong = peer.connected
    ? state.readAt - peer.since >= 2 * expired
    : disconnectedFor >= Math.max(evasive, MIN_TRIED_MS)
  if (peer.trouble !== undefined || !beacons || !isLong) return []
  const trouble = peer.connected ? 'unanswered' : 'unreachable'
  setTrouble(peer, trouble, now)
  return [{ type: 'trouble', trouble, id: peer.id, endpoint: peer.endpoint }]
}
