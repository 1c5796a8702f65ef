import { parseEndpoint } from '../wire/endpoint.js'
import { nameOf } from './claims.js'
import { mayConnect } from './connect-limit.js'
import { meet } from './meet.js'
import type { NodeState } from './state.js'
import type { Effect, PlaceClaim } from './types.js'

/** Milliseconds between the greetings of two nodes, */
const APART_MS = 10
/** unless that takes all of them longer than this. */
const MAX_SPREAD_MS = 100
/** Newcomers that wait. Whoever sends beacons in many names has the others greeted at once. */
const MAX_WAITING = 256

/**
 * A newcomer's beacon reaches all nodes at the same time. They greet it one after the other, in the order of their ids.
 * Sleuth for Go needs that: a client that waits for a service, and is greeted by a second one in the microseconds in which its
 * wait ends, handles no message ever after (notifier.go). Nor does anybody get all connections of a network at once.
 */
export function greetInTurn(state: NodeState, claim: PlaceClaim, now: number): Effect[] {
  const name = nameOf(claim)
  if (state.newcomers.has(name)) return []
  const delay = turnOf(state)
  if (delay === 0 || state.newcomers.size >= MAX_WAITING) return meetHeard(state, claim, now)
  state.newcomers.set(name, { claim, at: now + delay })
  state.nextGreetingAt = Math.min(state.nextGreetingAt, now + delay)
  return []
}

/** Greets those whose time has come, and says when the next one's does. */
export function greetNewcomers(state: NodeState, now: number): Effect[] {
  if (now < state.nextGreetingAt) return []
  state.nextGreetingAt = Number.POSITIVE_INFINITY
  const effects: Effect[] = []
  for (const [name, { claim, at }] of state.newcomers) {
    if (at > now) {
      state.nextGreetingAt = Math.min(state.nextGreetingAt, at)
      continue
    }
    state.newcomers.delete(name)
    effects.push(...meetHeard(state, claim, now))
  }
  return effects
}

/** A node has stopped before it was greeted. */
export function forgetNewcomer(state: NodeState, id: string): void {
  for (const [name, { claim }] of state.newcomers) if (claim.id === id) state.newcomers.delete(name)
}

/** A beacon says that a node is at an endpoint. */
export function meetHeard(state: NodeState, claim: PlaceClaim, now: number): Effect[] {
  const { id, endpoint } = claim
  const address = parseEndpoint(endpoint)?.address ?? ''
  const effects = meet(state, claim, () => mayConnect(state, address), now)
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
