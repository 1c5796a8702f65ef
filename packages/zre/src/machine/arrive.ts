import type { Following } from '../wire/message.js'
import { onContent } from './content.js'
import { recordHandshake } from './handshake-limit.js'
import { compareSequence, nothingHeld, type PeerState, PeerView } from './peer.js'
import { beginReach } from './reach.js'
import { countReceived } from './sequence.js'
import { drop, forget, type NodeState } from './state.js'
import type { Effect } from './types.js'

/**
 * The news of the handshake is there when our HELLO arrives, and is read a turn of the event loop later at most. Until then a
 * peer may send as fast as it can, and the inbox hands on up to 256 messages in a turn. Unbounded, they would all be handled
 * in a single turn.
 */
export const MAX_HELD_MESSAGES = 1024
/** Of all peers together: the default of the largest message. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024
/** What a message, or a frame of its content, costs beside its bytes: peers without number could hold small ones. */
export const HELD_FRAME_BYTES = 512

/** A peer has greeted us, and our connection to it has shaken hands. What it said in between follows. */
export function arrive(state: NodeState, peer: PeerState, greeting: PeerView, now: number): Effect[] {
  const { messages } = peer.held
  recordHandshake(state, now - peer.since)
  // There is room for another.
  if (state.newcomers.size > 0) state.nextGreetingAt = Math.min(state.nextGreetingAt, now)
  const view = new PeerView(peer, greeting)
  peer.view = view
  peer.greeting = undefined
  peer.held = nothingHeld()
  beginReach(peer, now)
  peer.reachedAt = now
  // A handshake is the sign of life that was missing.
  peer.suspicion = undefined
  return [...entered(view), ...messages.flatMap((message) => onContent(state, peer, view, message, now))]
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
export function holdGreeter(state: NodeState, peer: PeerState, message: Following, now: number): Effect[] {
  if (message.type === 'goodbye') return forget(state, peer, 'stopped')
  const order = compareSequence(message.sequence, peer.expectedSequence)
  if (order === 'expected' && hold(state, peer, message, now)) return []
  peer.greeting = undefined
  peer.held = nothingHeld()
  peer.needsHello = true
  return [drop(order === 'expected' ? 'before-handshake' : order, peer.id)]
}

/** Keeps a message that is in its turn until the peer is present. False if there is no room for it. */
export function hold(state: NodeState, peer: PeerState, message: Following, now: number): boolean {
  const bytes = sizeOf(message)
  if (!hasRoom(state, peer, bytes)) return false
  peer.held.messages.push(message)
  peer.held.bytes += bytes
  countReceived(peer, now)
  return true
}

function hasRoom(state: NodeState, peer: PeerState, bytes: number): boolean {
  if (peer.held.messages.length >= MAX_HELD_MESSAGES) return false
  let all = bytes
  for (const { held } of state.peers.values()) all += held.bytes
  return all <= MAX_HELD_BYTES
}

/** A group's name counts for nothing: it is shorter than what every message costs. */
function sizeOf(message: Following): number {
  if (!('content' in message)) return HELD_FRAME_BYTES
  return message.content.reduce((size, { length }) => size + HELD_FRAME_BYTES + length, HELD_FRAME_BYTES)
}
