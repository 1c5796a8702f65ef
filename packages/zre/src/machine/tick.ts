import { decayFailures, recordFailure } from './connect-limit.js'
import { CROSSING_MS, reconnect } from './handshake.js'
import type { PeerState } from './peer.js'
import { diagnose } from './reach.js'
import { forget, type NodeState, send } from './state.js'
import { checkSuspects } from './suspicion.js'
import type { Effect } from './types.js'

/** Milliseconds between the first beacons: one may be lost, and a newcomer should not have to wait a second for the next. */
const FIRST_INTERVALS = [50, 100, 200]

/**
 * How many times longer a silent peer is kept whose connection lives. Not for ever: it may hang, or have forgotten us. A
 * minute with the default, well above the 35 s that a blocked event loop is known to take.
 */
const BUSY_FACTOR = 12

/** When `tick` has something to do next. */
export function dueAt(state: NodeState): number {
  return Math.min(state.nextBeaconAt, state.nextSweepAt, state.nextCheckAt)
}

export function onTick(state: NodeState, now: number): Effect[] {
  const effects: Effect[] = []
  compensateStall(state, now)
  effects.push(...checkSuspects(state, now))
  if (now >= state.nextBeaconAt) {
    effects.push({ type: 'beacon', port: 'own' })
    state.nextBeaconAt = now + (FIRST_INTERVALS[state.beaconsSent] ?? state.config.interval)
    state.beaconsSent++
  }
  if (now >= state.nextSweepAt) {
    state.nextSweepAt = now + sweepInterval(state)
    decayFailures(state, now)
    for (const peer of [...state.peers.values()]) {
      if (peer.view === undefined) effects.push(...diagnose(state, peer, now))
      effects.push(...checkPeer(state, peer, now))
    }
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

/**
 * This comes late: our event loop was blocked, or the process or the machine stood still. That silence was ours. What has
 * come in meanwhile is read before anyone is examined.
 */
function compensateStall(state: NodeState, now: number): void {
  const late = now - dueAt(state)
  const usual = sweepInterval(state)
  if (late < usual) return
  for (const peer of state.peers.values()) {
    peer.heardAt = Math.min(now, peer.heardAt + late)
    peer.greetedAt = Math.min(now, peer.greetedAt + late)
    if (peer.view === undefined) peer.since = Math.min(now, peer.since + late)
  }
  state.nextSweepAt = now + usual
}

function checkPeer(state: NodeState, peer: PeerState, now: number): Effect[] {
  const { evasive, expired } = state.config
  const silence = now - peer.heardAt
  // Its kernel and its I/O thread answer for it, so its event loop is blocked: it is slow, and not gone.
  const limit = peer.connected ? expired * BUSY_FACTOR : expired
  if (silence >= limit) {
    if (peer.view === undefined && !peer.connected) recordFailure(state, peer)
    return forget(state, peer, 'expired')
  }
  if (peer.view === undefined) {
    // It is silent: it may be busy, and our HELLO waits for it.
    if (peer.connected && silence >= expired) return []
    // Nobody was there yet: an invention, or out of reach. Of many such at one address only some are tried again.
    if (!peer.connected && now - peer.greetedAt >= expired && recordFailure(state, peer)) {
      return forget(state, peer, 'expired')
    }
    // It beacons and does not answer. Our connection may be one that it ignores: try with a new one.
    if (now - peer.greetedAt < (peer.needsHello ? CROSSING_MS : expired)) return []
    return reconnect(state, peer, peer.endpoint, now)
  }
  if (silence < evasive) return []
  const ping = send(peer, { type: 'ping' })
  if (peer.evasive) return [ping]
  peer.evasive = true
  return [{ type: 'evasive', peer: peer.view }, ping]
}
