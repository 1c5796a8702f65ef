import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import { nameOf } from './claims.js'
import { mayConnect } from './connect-limit.js'
import { isLimited, mayBegin } from './handshake-limit.js'
import { meet } from './meet.js'
import { isGreeted } from './part.js'
import type { Newcomer, NodeState } from './state.js'
import type { Effect, PlaceClaim } from './types.js'

/** Milliseconds between the greetings of two nodes, */
const APART_MS = 10
/** unless that takes all of them longer than this. */
const MAX_SPREAD_MS = 100
/** Newcomers that wait. Whoever sends beacons in many names has the others greeted at once. */
const MAX_WAITING = 256
/** Milliseconds after which is looked whether more may be greeted. */
const LOOK_MS = 20

/**
 * A newcomer's beacon reaches all nodes at the same time. They greet it one after the other, in the order of their ids.
 * Sleuth for Go needs that: a client that waits for a service, and is greeted by a second one in the microseconds in which its
 * wait ends, handles no message ever after (notifier.go). Nor does anybody get all connections of a network at once.
 */
export function greetInTurn(state: NodeState, claim: PlaceClaim, now: number): Effect[] {
  return greetLater(state, { claim, at: now + turnOf(state), isHeard: true }, now)
}

/** A node was found by other means than a beacon. */
export function greetFound(state: NodeState, claim: PlaceClaim, now: number): Effect[] {
  return greetLater(state, { claim, at: now, isHeard: false }, now)
}

function greetLater(state: NodeState, newcomer: Newcomer, now: number): Effect[] {
  const { claim, at } = newcomer
  const name = nameOf(claim)
  if (state.newcomers.has(name)) return []
  const waits = at > now || hasToWait(state, claim.id, now)
  if (!waits || state.newcomers.size >= MAX_WAITING) return greet(state, newcomer, now)
  state.newcomers.set(name, newcomer)
  state.nextGreetingAt = Math.min(state.nextGreetingAt, Math.max(at, now + LOOK_MS))
  return []
}

/** Greets those whose time has come, and says when the next one's does. */
export function greetNewcomers(state: NodeState, now: number): Effect[] {
  if (now < state.nextGreetingAt) return []
  state.nextGreetingAt = Number.POSITIVE_INFINITY
  const effects: Effect[] = []
  let isFull = false
  for (const [name, newcomer] of state.newcomers) {
    const { claim, at } = newcomer
    // Those that are greeted meanwhile make no room.
    isFull ||= at <= now && hasToWait(state, claim.id, now)
    if (at > now || (isFull && isHeldBack(state, claim.id))) {
      state.nextGreetingAt = Math.min(state.nextGreetingAt, Math.max(at, now + LOOK_MS))
      continue
    }
    state.newcomers.delete(name)
    // Others may have told of it meanwhile.
    if (state.peers.has(claim.id) || isGreeted(state, claim.id)) effects.push(...greet(state, newcomer, now))
  }
  return effects
}

function hasToWait(state: NodeState, id: NodeId, now: number): boolean {
  return isHeldBack(state, id) && !mayBegin(state, now)
}

/** One that is met already takes no greeting. */
function isHeldBack(state: NodeState, id: NodeId): boolean {
  return !state.peers.has(id) && isLimited(state, id)
}

function greet(state: NodeState, { claim, isHeard }: Newcomer, now: number): Effect[] {
  return isHeard ? meetHeard(state, claim, now) : meetFound(state, claim, now)
}

/** Somebody says that a node is at an endpoint. */
export function meetFound(state: NodeState, claim: PlaceClaim, now: number): Effect[] {
  const address = parseEndpoint(claim.endpoint)?.address ?? ''
  return meet(state, claim, () => mayConnect(state, address), now)
}

/** A node has stopped before it was greeted. */
export function forgetNewcomer(state: NodeState, id: string): void {
  for (const [name, { claim }] of state.newcomers) if (claim.id === id) state.newcomers.delete(name)
}

/** A beacon says that a node is at an endpoint. */
export function meetHeard(state: NodeState, claim: PlaceClaim, now: number): Effect[] {
  const { id, endpoint } = claim
  const effects = meetFound(state, claim, now)
  const met = state.peers.get(id)
  if (met?.endpoint === endpoint) met.isHeard = true
  return effects
}

/** Milliseconds until it is this node's turn among those whose beacons come in. */
function turnOf({ config, peers }: NodeState): number {
  let all = 1
  let earlier = 0
  for (const { id, isHeard, view } of peers.values()) {
    if (!isHeard || view === undefined) continue
    all++
    if (id < config.id) earlier++
  }
  return earlier * Math.min(APART_MS, MAX_SPREAD_MS / all)
}
