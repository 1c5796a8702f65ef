import type { NodeId } from '../wire/identity.js'
import { arrive } from './arrive.js'
import { currentEndpoint, reconnect } from './handshake.js'
import { type PeerState, PeerView } from './peer.js'
import { beginReach } from './reach.js'
import { countReceived } from './sequence.js'
import { forget, type NodeState, send } from './state.js'
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
  return peer.lost === undefined ? [] : [send(peer, { type: 'ping' })]
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

/** A peer is not present any more, and may come back with all that it said. */
export function lose(peer: PeerState, now: number): Effect[] {
  const { view } = peer
  if (view === undefined) return []
  peer.lost = view
  peer.view = undefined
  beginReach(peer, now)
  return [{ type: 'exit', peer: view, reason: 'lost' }]
}

/**
 * A peer that was lost speaks, and is back if this is in its turn. Only after a handshake: before it, this may be the last
 * word of a dead one that we had not read yet. Undefined when it is not back.
 */
export function resume(peer: PeerState, lost: PeerView, sequence: number, now: number): PeerView | undefined {
  if (sequence !== peer.expectedSequence) {
    // It has started over, or something is missing: only its HELLO tells what it is.
    peer.lost = undefined
    peer.needsHello = true
    return undefined
  }
  countReceived(peer, now)
  if (!peer.connected) return undefined
  peer.lost = undefined
  peer.view = new PeerView(peer, lost)
  peer.reachedAt = now
  beginReach(peer, now)
  return peer.view
}
