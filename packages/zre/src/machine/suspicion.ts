import type { Doubt, PeerState } from './peer.js'
import { drop, forget, type NodeState, send } from './state.js'
import type { Effect } from './types.js'

/**
 * Anyone can send a beacon with port 0 in another's name, or claim the endpoint of another. Who really stops closes its sockets within milliseconds, and its
 * connection breaks; who lives answers a PING. Looks are counted, not milliseconds: what our own stall held back is read
 * before the next one.
 */
const LOOK_MS = 250
/** A peer whose connection has lasted this long, and that has answered, has not stopped. */
const LEAST_LOOKS = 2
/** One that has not answered by now is believed to have. zyre keeps its sockets when it stops, and answers nothing. */
const MOST_LOOKS = 8

/** Somebody says that a peer is gone. Who says it while the first is looked into adds nothing. */
export function suspect(state: NodeState, peer: PeerState, reason: Doubt['reason'], now: number): Effect[] {
  if (peer.doubt !== undefined) return []
  peer.doubt = { reason, looks: 1, answered: false }
  state.nextLookAt = Math.min(state.nextLookAt, now + LOOK_MS)
  return peer.view === undefined ? [] : [send(peer, { type: 'ping' })]
}

/** Looks at those who are said to be gone, and says when to look again. */
export function look(state: NodeState, now: number): Effect[] {
  if (now < state.nextLookAt) return []
  state.nextLookAt = Number.POSITIVE_INFINITY
  const effects: Effect[] = []
  for (const peer of [...state.peers.values()]) {
    const { doubt } = peer
    if (doubt === undefined) continue
    if (doubt.answered && doubt.looks >= LEAST_LOOKS) {
      peer.doubt = undefined
      if (doubt.reason === 'stopped') effects.push(drop('forged-stop', peer.id))
    } else if (doubt.looks >= MOST_LOOKS) {
      effects.push(...forget(state, peer, doubt.reason))
    } else {
      doubt.looks++
      state.nextLookAt = now + LOOK_MS
    }
  }
  return effects
}
