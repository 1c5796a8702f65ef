import { parseEndpoint } from '../wire/endpoint.js'
import { isSamePath, type ReturnPath } from '../wire/return-path.js'
import { canBeReplaced, holderOf, sayHello } from './handshake.js'
import { newPeer, type PeerState } from './peer.js'
import { beginReach } from './reach.js'
import { drop, forget, type NodeState, unwatch, usableEndpoint } from './state.js'
import { suspect } from './suspicion.js'
import type { Effect, ReturnClaim } from './types.js'

/** Milliseconds for a peer to become present over a connection to its endpoint, before it is answered on its own. */
export const RETURN_MS = 1000
/** Milliseconds between two looks whether a peer still answers on the connection from before. */
const RENEW_MS = 500
/** Nodes that are answered on their connections and have not shown yet that they read there. */
export const MAX_UNMET_RETURNS = 256

/**
 * A node that has not shown yet who it is asks to be answered on its connection. If its endpoint may be connected to, that is
 * tried first: `meetUsually`. A peer that is present keeps its place, unless it is found to be gone.
 */
export function onReturnAsked(
  state: NodeState,
  claim: ReturnClaim,
  meetUsually: () => Effect[],
  now: number,
): Effect[] {
  const { id, key, back } = claim
  const known = state.peers.get(id)
  if (known?.view !== undefined) {
    if (!known.returning || isSamePath(known.back, back)) return []
    // Its connection may have broken at its end alone, and it asks once.
    awaitUntil(state, claim, now + RENEW_MS)
    return suspect(state, known, 'replaced', now)
  }
  if (known !== undefined && (known.key !== key || known.returning)) {
    if (known.key === key && isSamePath(known.back, back)) return []
    if (!canBeReplaced(known, now)) {
      if (known.key === key) awaitUntil(state, claim, now + RENEW_MS)
      return [drop('endpoint-taken', id)]
    }
    return [...forget(state, known, 'replaced'), ...onReturnAsked(state, claim, meetUsually, now)]
  }
  if (isReachable(state, claim)) {
    const effects = meetUsually()
    const met = state.peers.get(id)
    if (met !== undefined && met.key === key) noteReturn(state, met, back, now)
    return effects
  }
  if (known === undefined) {
    return mayBecomeReachable(state, claim) ? awaitNetwork(state, claim, now) : connectBack(state, claim, now)
  }
  // One that was present is tried for where it was, until it counts as gone.
  return canBeReplaced(known, now) ? answerOn(state, known, back, now) : []
}

/** Whether a connection to where a node says it is can lead to it, as far as is known. */
export function isReachable(state: NodeState, { endpoint, back }: ReturnClaim): boolean {
  if (back.only || usableEndpoint(state, endpoint) === undefined) return false
  return holderOf(state, endpoint) === undefined
}

/** Its endpoint is on no network of ours, and seeds may have it by now. */
function mayBecomeReachable({ config }: NodeState, { endpoint, back }: ReturnClaim): boolean {
  const address = parseEndpoint(endpoint)?.address
  if (back.only || address === undefined) return false
  return config.hasSeeds === true && !config.isOnNetwork(address)
}

/** Seeds are looked up. If they do not lead to it, it is answered on its connection. */
function awaitNetwork(state: NodeState, claim: ReturnClaim, now: number): Effect[] {
  const { id, endpoint, key } = claim
  const isNew = !state.awaited.has(id)
  if (!awaitUntil(state, claim, now + RETURN_MS)) return [drop('greeting-limit', id)]
  return isNew ? [{ type: 'stranger', id, endpoint, key, returns: true }] : []
}

/** Looks at a claim again at a time; at the newest of a node when its first has led nowhere. Returns false if too many wait. */
function awaitUntil(state: NodeState, claim: ReturnClaim, until: number): boolean {
  const first = state.awaited.get(claim.id)
  if (first !== undefined) {
    if (!isSamePath(first.back, claim.back)) first.newer = claim
    return true
  }
  if (state.awaited.size >= MAX_UNMET_RETURNS) return false
  state.awaited.set(claim.id, { ...claim, until, newer: undefined })
  state.nextReturnAt = Math.min(state.nextReturnAt, until)
  return true
}

function checkAwaited(state: NodeState, now: number): Effect[] {
  const effects: Effect[] = []
  for (const claim of [...state.awaited.values()]) {
    if (now >= claim.until) {
      state.awaited.delete(claim.id)
      effects.push(...decide(state, claim, now))
      if (claim.newer !== undefined) awaitUntil(state, claim.newer, now + RENEW_MS)
    } else state.nextReturnAt = Math.min(state.nextReturnAt, claim.until)
  }
  return effects
}

/**
 * Nobody is there whom seeds have led to, or who has answered on the connection from before: then this is the node's connection
 * now. Who was found is given time to be reached.
 */
function decide(state: NodeState, claim: ReturnClaim, now: number): Effect[] {
  const { id, key, back } = claim
  const peer = state.peers.get(id)
  if (peer === undefined) return connectBack(state, claim, now)
  if (peer.key !== key) return []
  if (!peer.returning) {
    if (peer.view === undefined) noteReturn(state, peer, back, now)
    return []
  }
  if (isSamePath(peer.back, back)) return []
  if (peer.view === undefined && canBeReplaced(peer, now))
    return [...forget(state, peer, 'replaced'), ...connectBack(state, claim, now)]
  if (peer.view === undefined || peer.suspicion !== undefined) awaitUntil(state, claim, now + RENEW_MS)
  return []
}

/** A node that is not known yet, and that is answered on its connection. */
export function connectBack(
  state: NodeState,
  { id, endpoint, key, back }: ReturnClaim,
  now: number,
): Effect[] {
  if (state.peers.size >= state.config.maxPeers) return [drop('peer-limit', id)]
  if (countUnmet(state) >= MAX_UNMET_RETURNS) return [drop('greeting-limit', id)]
  const peer = newPeer(id, key, endpoint, now)
  state.peers.set(id, peer)
  return answerOn(state, peer, back, now)
}

/** A peer can be answered on its connection, if ours to it does not make it present in time. */
export function noteReturn(state: NodeState, peer: PeerState, back: ReturnPath, now: number): void {
  peer.back = back
  if (peer.backAskedAt !== undefined) return
  peer.backAskedAt = now
  state.nextReturnAt = Math.min(state.nextReturnAt, now + RETURN_MS)
}

/** Looks for peers that could not be reached in time, and says when to look again. */
export function checkReturns(state: NodeState, now: number): Effect[] {
  if (now < state.nextReturnAt) return []
  state.nextReturnAt = Number.POSITIVE_INFINITY
  const effects = checkAwaited(state, now)
  for (const peer of state.peers.values()) {
    const { back, backAskedAt } = peer
    if (back === undefined || backAskedAt === undefined) continue
    if (peer.view !== undefined) peer.backAskedAt = undefined
    else if (now - backAskedAt < RETURN_MS || peer.lost !== undefined) {
      state.nextReturnAt = Math.min(state.nextReturnAt, Math.max(backAskedAt, now) + RETURN_MS)
    } else effects.push(...answerOn(state, peer, back, now))
  }
  return effects
}

/** From now on what is sent to a peer goes over the connection that it made. */
export function answerOn(state: NodeState, peer: PeerState, back: ReturnPath, now: number): Effect[] {
  unwatch(state, peer)
  // Whoever made that connection reads there, wherever that is.
  if (peer.key === undefined) peer.proven = false
  if (peer.connected) peer.disconnectedAt = now
  peer.connected = false
  peer.denied = false
  peer.alias = false
  peer.claimedEndpoint = undefined
  peer.returning = true
  peer.back = back
  peer.backAskedAt = undefined
  beginReach(peer, now)
  const { id, endpoint, key } = peer
  return [{ type: 'open', id, endpoint, key, back: back.routingId }, sayHello(state, peer, now)]
}

function countUnmet(state: NodeState): number {
  let unmet = 0
  for (const { returning, view } of state.peers.values()) if (returning && view === undefined) unmet++
  return unmet
}
