import { isMarked, type NodeId } from '../wire/identity.js'
import type { NodeState } from './state.js'

/**
 * Nodes of this library that a node greets at a time, without an answer yet. Where 200 start at once, each would greet dozens, and
 * each greeting takes both ends some milliseconds. The first of them that are met tell of the others, so most need no greeting.
 */
export const MAX_AT_A_TIME = 6

/** One that does not answer within this time keeps others waiting no longer, */
const MIN_PATIENCE_MS = 500
/** unless handshakes take long, as on a machine that is busy. */
const MAX_PATIENCE_MS = 5000
/** So many times as long as a handshake takes. */
const PATIENCE = 4
/** How much of the mean time is that of the last handshake. */
const WEIGHT = 1 / 4

/** Whether greetings of a node wait for those before. All others are greeted when they are heard. */
export function isLimited(state: NodeState, id: NodeId): boolean {
  return state.config.introduced !== undefined && isMarked(id)
}

/** Milliseconds that the answer to a greeting may take, as the last ones did. */
export function patienceOf({ handshakeMs }: NodeState): number {
  return PATIENCE * handshakeMs
}

/** Whether one more node may be greeted. */
export function mayBegin(state: NodeState, now: number): boolean {
  const patience = Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, patienceOf(state)))
  let begun = 0
  for (const { isMarked, view, greeting, unanswered, returning, since } of state.peers.values()) {
    if (view !== undefined || greeting !== undefined || returning || unanswered === 0) continue
    if (now - since < patience && isMarked && ++begun === MAX_AT_A_TIME) return false
  }
  return true
}

/** A peer that was greeted has become present. */
export function recordHandshake(state: NodeState, took: number): void {
  state.handshakeMs += WEIGHT * (took - state.handshakeMs)
}
