import type { Following } from '../wire/message.js'
import { onContent } from './content.js'
import { compareSequence, nextSequence, type PeerState, type PeerView, spoke, viewOf } from './peer.js'
import { beginReach } from './reach.js'
import { drop, forget, type NodeState } from './state.js'
import type { Effect } from './types.js'

/** A peer can say little between our HELLO's arrival and our news of the handshake, which came before it. */
export const MAX_HELD_MESSAGES = 64
/** Of all peers together: the default of the largest message. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024

/** A peer has greeted us, and our connection to it has shaken hands. What it said in between follows. */
export function arrive(state: NodeState, peer: PeerState, greeting: PeerView, now: number): Effect[] {
  const { held } = peer
  const view = viewOf(peer, greeting)
  peer.view = view
  peer.greeting = undefined
  peer.held = []
  beginReach(peer, now)
  // A handshake is the sign of life that was missing.
  peer.suspicion = undefined
  return [...entered(view), ...held.flatMap((message) => onContent(state, peer, view, message))]
}

/** A peer is present: told with the groups that it is in. */
export function entered(view: PeerView): Effect[] {
  const effects: Effect[] = [{ type: 'enter', peer: view }]
  for (const group of view.groups) effects.push({ type: 'join', peer: view, group })
  return effects
}

/**
 * A peer that has greeted us speaks before our connection to it has shaken hands, so it could not be answered: this waits,
 * and keeps its order. What is missing, or too much, ends with the next HELLO.
 */
export function hold(state: NodeState, peer: PeerState, message: Following, now: number): Effect[] {
  if (message.type === 'goodbye') return forget(state, peer, 'stopped')
  const order = compareSequence(message.sequence, peer.expectedSequence)
  if (order === 'expectedSequence' && hasRoom(state, peer, message)) {
    peer.held.push(message)
    peer.expectedSequence = nextSequence(peer.expectedSequence)
    spoke(peer, now)
    return []
  }
  peer.greeting = undefined
  peer.held = []
  peer.needsHello = true
  return [drop(order === 'expectedSequence' ? 'before-handshake' : order, peer.id)]
}

function hasRoom(state: NodeState, peer: PeerState, message: Following): boolean {
  if (peer.held.length >= MAX_HELD_MESSAGES) return false
  let bytes = sizeOf(message)
  for (const { held } of state.peers.values()) for (const other of held) bytes += sizeOf(other)
  return bytes <= MAX_HELD_BYTES
}

function sizeOf(message: Following): number {
  if (!('content' in message)) return 0
  return message.content.reduce((size, { length }) => size + length, 0)
}
