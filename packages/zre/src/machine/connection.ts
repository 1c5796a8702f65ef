import type { NodeId } from '../wire/identity.js'
import type { Following } from '../wire/message.js'
import { arrive, entered, hold } from './arrive.js'
import { onContent, onGroupChange } from './content.js'
import { currentEndpoint, reconnect } from './handshake.js'
import { nothingHeld, type PeerState, PeerView } from './peer.js'
import { beginReach } from './reach.js'
import { countReceived } from './sequence.js'
import { drop, forget, type NodeState, send } from './state.js'
import type { Effect, Input } from './types.js'

/**
 * The mailbox has shaken hands. Whoever has greeted us is present now. Whoever was lost is asked to speak: if it still holds us
 * present, it has no reason to.
 */
export function onConnected(state: NodeState, id: NodeId, now: number): Effect[] {
  const peer = state.peers.get(id)
  if (peer === undefined) return []
  peer.connected = true
  peer.connectedAt = now
  if (peer.greeting !== undefined) return arrive(state, peer, peer.greeting, now)
  if (peer.trouble === 'unreachable') beginReach(peer, now)
  return askLost(peer)
}

/** One that was lost and says nothing, perhaps since it holds us present, is asked to speak: again when its answer counts. */
export function askLost(peer: PeerState): Effect[] {
  return peer.lost !== undefined && peer.connected ? [send(peer, { type: 'ping' })] : []
}

/**
 * The connection broke, or could not be made. What was under way on it is lost and nobody knows how much, so the peer is
 * gone at once; there is nothing to wait for. If it lives, the HELLO that goes to it over a new mailbox brings it back.
 */
export function onDisconnected(
  state: NodeState,
  input: Input & { type: 'disconnected' },
  now: number,
): Effect[] {
  const peer = state.peers.get(input.id)
  if (peer === undefined) return []
  if (input.interfaceDown) return forget(state, peer, 'lost')
  if (peer.suspicion !== undefined) return forget(state, peer, peer.suspicion.reason)
  if (peer.returning) return forget(state, peer, 'lost')
  // One that never shook hands goes on trying by itself, and still holds its HELLO.
  if (!peer.connected) return []
  peer.answeredAt = now
  return [...lose(peer, now), ...reconnect(state, peer, currentEndpoint(state, peer, now), now)]
}

/**
 * Milliseconds after the handshake, of which all is read, for which a lost node is back only by what answers us. Anything else may
 * have left before: it may be the last words of a dead one that the network has held up, while another has taken its endpoint; or
 * those of a process that was stopped, which loses us again when it reads our HELLO. So it waits.
 */
const ANSWER_MS = 1000

/** A peer is not present any more, and may come back with all that it said. */
export function lose(peer: PeerState, now: number): Effect[] {
  const { view } = peer
  if (view === undefined) return []
  peer.lost = view
  peer.held = nothingHeld()
  peer.view = undefined
  beginReach(peer, now)
  return [{ type: 'exit', peer: view, reason: 'lost' }]
}

/** What a peer says that was lost. It is back if this is in its turn. */
export function hearLost(
  state: NodeState,
  peer: PeerState,
  lost: PeerView,
  message: Following,
  now: number,
): Effect[] {
  const { type, sequence } = message
  if (type === 'goodbye') return forget(state, peer, 'stopped')
  if (sequence !== peer.expectedSequence) return awaitHello(peer)
  // Before a handshake, this may be the last word of a dead one that we had not read yet.
  if (!peer.connected) {
    countReceived(peer, now)
    // A change of groups counts, for when the peer is back.
    if (type !== 'join' && type !== 'leave') return [drop('before-hello', peer.id)]
    onGroupChange(peer, lost, message)
    return []
  }
  if (!isAnswer(peer, type) && state.readAt - peer.connectedAt < ANSWER_MS)
    return hold(state, peer, message, now) ? [] : awaitHello(peer)
  countReceived(peer, now)
  return comeBack(state, peer, lost, message, now)
}

/**
 * Whether something answers the PING that we sent after the handshake. A node of this library that owes no HELLO answers ours by a
 * PING before that: PING-OK alone may answer a PING from before.
 */
function isAnswer({ isMarked, held }: PeerState, type: Following['type']): boolean {
  return type === 'ping-ok' && (!isMarked || held.messages.some((message) => message.type === 'ping'))
}

/** It has started over, or something is missing: only its HELLO tells what it is. */
function awaitHello(peer: PeerState): Effect[] {
  peer.lost = undefined
  peer.held = nothingHeld()
  peer.needsHello = true
  return [drop('before-hello', peer.id)]
}

function comeBack(
  state: NodeState,
  peer: PeerState,
  lost: PeerView,
  message: Following,
  now: number,
): Effect[] {
  const messages = [...peer.held.messages, message]
  const view = new PeerView(peer, lost)
  peer.lost = undefined
  peer.held = nothingHeld()
  peer.view = view
  peer.reachedAt = now
  beginReach(peer, now)
  return [...entered(view), ...messages.flatMap((one) => onContent(state, peer, view, one, now))]
}
