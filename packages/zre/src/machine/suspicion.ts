import type { PeerState, Suspicion } from './peer.js'
import { drop, forget, type NodeState, send } from './state.js'
import type { Effect } from './types.js'

/**
 * Anyone can send a beacon with port 0 in another's name, or claim the endpoint of another. Who really stops closes its sockets within milliseconds, and its
 * connection breaks; who lives answers a PING. Looks are counted, not milliseconds: what our own stall held back is read
 * before the next one.
 */
const CHECK_MS = 250
/** A peer whose connection has lasted this long, and that has answered, has not stopped. */
const MIN_CHECKS = 2
/** One that has not answered by now is believed to have. zyre keeps its sockets when it stops, and answers nothing. */
const MAX_CHECKS = 8

/** Somebody says that a peer is gone. Who says it while the first is looked into adds nothing. */
export function suspect(
  state: NodeState,
  peer: PeerState,
  reason: Suspicion['reason'],
  now: number,
): Effect[] {
  if (peer.suspicion !== undefined) return []
  peer.suspicion = { reason, checks: 1, answered: false }
  state.nextCheckAt = Math.min(state.nextCheckAt, now + CHECK_MS)
  return peer.view === undefined ? [] : [send(peer, { type: 'ping' })]
}

/** Looks at those who are said to be gone, and says when to look again. */
export function checkSuspects(state: NodeState, now: number): Effect[] {
  if (now < state.nextCheckAt) return []
  state.nextCheckAt = Number.POSITIVE_INFINITY
  const effects: Effect[] = []
  for (const peer of [...state.peers.values()]) {
    const { suspicion } = peer
    if (suspicion === undefined) continue
    if (suspicion.answered && suspicion.checks >= MIN_CHECKS) {
      peer.suspicion = undefined
      if (suspicion.reason === 'stopped') effects.push(drop('forged-stop', peer.id))
    } else if (suspicion.checks >= MAX_CHECKS) {
      effects.push(...forget(state, peer, suspicion.reason))
    } else {
      suspicion.checks++
      state.nextCheckAt = now + CHECK_MS
    }
  }
  return effects
}
