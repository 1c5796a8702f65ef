import { CROSSING_MS, forget, greetAfresh } from './greet.js'
import type { PeerState } from './peer.js'
import { type NodeState, send } from './state.js'
import type { Effect } from './types.js'

/** Milliseconds between the first beacons: one may be lost, and a newcomer should not have to wait a second for the next. */
const FIRST_INTERVALS = [50, 100, 200]

/** When `tick` has something to do next. */
export function dueAt(state: NodeState): number {
  return Math.min(state.nextBeaconAt, state.nextSweepAt)
}

export function onTick(state: NodeState, now: number): Effect[] {
  const effects: Effect[] = []
  if (now >= state.nextBeaconAt) {
    effects.push({ type: 'beacon', port: 'own' })
    state.nextBeaconAt = now + (FIRST_INTERVALS[state.beaconsSent] ?? state.config.interval)
    state.beaconsSent++
  }
  if (now >= state.nextSweepAt) {
    state.nextSweepAt = now + sweepInterval(state)
    for (const peer of [...state.peers.values()]) effects.push(...examine(state, peer, now))
  }
  return effects
}

/** Go looks once a second, and so do we unless the times are set so short that a second would miss them. */
function sweepInterval(state: NodeState): number {
  return Math.max(
    1,
    Math.min(1000, state.config.evasive / 3, (state.config.expired - state.config.evasive) / 2),
  )
}

function examine(state: NodeState, peer: PeerState, now: number): Effect[] {
  const { evasive, expired } = state.config
  const silence = now - peer.heardAt
  if (silence >= expired) return forget(state, peer, 'expired')
  if (peer.view === undefined) {
    // It beacons and does not answer. Our connection may be one that it ignores: try with a new one.
    if (now - peer.greetedAt < (peer.astray ? CROSSING_MS : expired)) return []
    return greetAfresh(state, peer, peer.endpoint, now)
  }
  if (silence < evasive) return []
  const ping = send(peer, { type: 'ping' })
  if (peer.evasive) return [ping]
  peer.evasive = true
  return [{ type: 'evasive', peer: peer.view }, ping]
}
