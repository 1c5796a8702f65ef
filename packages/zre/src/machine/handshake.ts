import { withReturn } from '../wire/return-path.js'
import { FIRST_SEQUENCE, newPeer, type PeerState } from './peer.js'
import { drop, forget, type NodeState, send, unwatch } from './state.js'
import type { Effect, PlaceClaim } from './types.js'

/**
 * A peer that greets us anew is owed an answer, but not two within this time. Without this rule two nodes that both hold
 * each other present would answer each other's HELLO for ever: gyre answers every one that a present peer sends it.
 */
export const CROSSING_MS = 1000

/** Milliseconds for the answer to a HELLO, when another is said to be the true one. */
const SILENT_MS = 500

/** A node that is not known yet: opens a mailbox and says HELLO. */
export function connectNew(
  state: NodeState,
  { id, endpoint, key, alias = false, ours = false }: PlaceClaim,
  now: number,
): Effect[] {
  const effects = evict(state, endpoint)
  const peer = newPeer(id, key, endpoint, now)
  peer.ours = ours
  peer.asks = ours
  state.peers.set(id, peer)
  state.forgotten.delete(id)
  effects.push(...reconnect(state, peer, endpoint, now))
  peer.alias = alias
  return effects
}

/** Says HELLO over a new mailbox, whose predecessor is closed fully before: gyre ignores a second one of the same identity. */
export function reconnect(state: NodeState, peer: PeerState, endpoint: string, now: number): Effect[] {
  // It made the connection, and it alone can make another.
  if (peer.returning) return peer.connected ? [sayHello(state, peer, now)] : forget(state, peer, 'lost')
  // Whoever dialled the endpoint dials it again.
  if (peer.alias && endpoint === peer.endpoint) return forget(state, peer, 'lost')
  unwatch(state, peer)
  peer.alias = false
  // With encryption only the holder of the key shakes hands, wherever that is.
  if (endpoint !== peer.endpoint && peer.key === undefined) peer.proven = false
  peer.endpoint = endpoint
  peer.claimedEndpoint = undefined
  if (peer.connected) peer.disconnectedAt = now
  peer.connected = false
  peer.denied = false
  const { id, key, asks } = peer
  return [{ type: 'open', id, endpoint, key, ...(asks && { asks }) }, sayHello(state, peer, now)]
}

/** Says HELLO by ourselves: the peer owes one in return. */
export function sayHello(state: NodeState, peer: PeerState, now: number): Effect {
  peer.unanswered++
  return sayHelloAgain(state, peer, now)
}

/**
 * Says HELLO over the mailbox that is there, in answer to one, or in place of one that does not count. What was sent before it
 * arrives before it, and counts no more.
 */
export function sayHelloAgain(state: NodeState, peer: PeerState, now: number): Effect {
  const { name, headers, unreachable = false } = state.config
  peer.sent = FIRST_SEQUENCE - 1
  peer.greetedAt = now
  peer.needsHello = false
  return send(peer, {
    type: 'hello',
    endpoint: state.endpoint,
    groups: [...state.groups],
    status: state.status,
    name,
    headers: peer.asks ? withReturn(headers, unreachable) : headers,
  })
}

/**
 * A beacon may be forged and name any key. Whoever does not hold it can't shake hands, and keeps no place from the one
 * who does. Nor does one that shakes hands and then says nothing. One that was present keeps its place while its connection is
 * made anew.
 */
export function canBeReplaced(peer: PeerState, now: number): boolean {
  const silent = !peer.connected || now - peer.connectedAt >= SILENT_MS
  return silent && peer.view === undefined && peer.greeting === undefined && peer.lost === undefined
}

/** A peer that we have no connection to is at an endpoint: greeted there, unless that is where its mailbox connects to. */
export function follow(state: NodeState, peer: PeerState, endpoint: string, now: number): Effect[] {
  if (endpoint === peer.endpoint) return []
  if (!mayMove(state, peer, endpoint, now)) return [drop('endpoint-change', peer.id)]
  return [...evict(state, endpoint), ...reconnect(state, peer, endpoint, now)]
}

/**
 * A peer that we hold present says HELLO: it has forgotten us, and is owed one in return. Anyone can say it under a
 * routing id that is stolen, and name an endpoint of his own: while our connection to where it was lives, it is answered there.
 */
export function answerAgain(
  state: NodeState,
  peer: PeerState,
  { endpoint, isAnswer }: { endpoint: string | undefined; isAnswer: boolean },
  now: number,
): Effect[] {
  const effects: Effect[] = []
  const elsewhere = endpoint !== undefined && endpoint !== peer.endpoint
  peer.claimedEndpoint = undefined
  if (elsewhere) {
    peer.claimedEndpoint = endpoint
    effects.push(drop('endpoint-change', peer.id))
  }
  // A PING instead: a node that does miss our HELLO starts over when it hears one.
  if (isAnswer || now - peer.answeredAt < CROSSING_MS) return [...effects, send(peer, { type: 'ping' })]
  peer.answeredAt = now
  return [...effects, sayHelloAgain(state, peer, now)]
}

/**
 * Who is at an endpoint, as far as we can tell: it is present, and our connection lives. Another that claims to be there is
 * taken in when it says so again and that one is found to be gone.
 */
export function holderOf(state: NodeState, endpoint: string): PeerState | undefined {
  for (const other of state.peers.values()) {
    if (isAt(other, endpoint) && other.connected && other.view !== undefined) return other
  }
  return undefined
}

/** Where a peer is whose connection broke: where it was, or where it said it is, unless another has been seen there since. */
export function currentEndpoint(state: NodeState, peer: PeerState, now: number): string {
  const { claimedEndpoint, endpoint } = peer
  if (claimedEndpoint === undefined || isSomebodyAt(state, claimedEndpoint)) return endpoint
  return mayMove(state, peer, claimedEndpoint, now) ? claimedEndpoint : endpoint
}

/** One that is answered on its connection is not where it says: many may have the same address behind different routers. */
function isAt(peer: PeerState, endpoint: string): boolean {
  return !peer.returning && peer.endpoint === endpoint
}

function isSomebodyAt(state: NodeState, endpoint: string): boolean {
  for (const other of state.peers.values()) if (isAt(other, endpoint)) return true
  return false
}

/** Each change costs a connection: one in a while, and to no place that is another's. */
function mayMove(state: NodeState, peer: PeerState, endpoint: string, now: number): boolean {
  if (holderOf(state, endpoint) !== undefined || now - peer.movedAt < CROSSING_MS) return false
  peer.movedAt = now
  return true
}

/** Another node at the same endpoint is gone: its mailbox would be connected to this one, under our identity. */
function evict(state: NodeState, endpoint: string): Effect[] {
  for (const other of state.peers.values()) {
    if (isAt(other, endpoint)) return forget(state, other, 'replaced')
  }
  return []
}
