import { MISSING_MS, NEW_INTERVALS, nextBeaconIn, phaseOf, settledInterval } from './beacon-schedule.js'
import { decayFailures, recordFailure } from './connect-limit.js'
import { askLost } from './connection.js'
import { CROSSING_MS, reconnect, sayHello } from './handshake.js'
import { patienceOf } from './handshake-limit.js'
import type { PeerState } from './peer.js'
import { diagnose } from './reach.js'
import { checkReturns } from './return-path.js'
import { forget, type NodeState, send } from './state.js'
import { checkSuspects } from './suspicion.js'
import type { Effect } from './types.js'
import { checkWatched, restartWatches } from './watch.js'

/**
 * How many times longer a peer may be silent whose connection lives, before it is asked and before it is gone. Its host and
 * process are there. Not for ever: it may hang, or have forgotten us. A minute with the default, well above the 35 s that a
 * blocked event loop is known to take, and above what beacons that are rare leave between them.
 */
const CONNECTED_FACTOR = 12

/** When `tick` has something to do next. */
export function dueAt(state: NodeState): number {
  const { nextBeaconAt, nextSweepAt, nextCheckAt, nextWatchAt, nextReturnAt, nextGreetingAt } = state
  return Math.min(nextBeaconAt, nextSweepAt, nextCheckAt, nextWatchAt, nextReturnAt, nextGreetingAt)
}

export function onTick(state: NodeState, now: number): Effect[] {
  const effects = compensateStall(state, now)
  effects.push(...checkSuspects(state, now), ...checkWatched(state, now), ...checkReturns(state, now))
  if (now >= state.nextBeaconAt) {
    effects.push({ type: 'beacon', port: 'own' })
    state.beaconsSent++
    state.nextBeaconAt = now + beaconInterval(state, now)
  }
  if (now >= state.nextSweepAt) {
    state.nextSweepAt = now + sweepInterval(state)
    decayFailures(state, now)
    for (const peer of [...state.peers.values()]) effects.push(...examine(state, peer, now))
    effects.push(...read(state, now))
  }
  return effects
}

/** While answers are awaited: one may have come long ago, and wait for its turn among all else. */
function read(state: NodeState, now: number): Effect[] {
  if (state.isReading || ![...state.peers.values()].some(isAwaited)) return []
  state.isReading = true
  return [{ type: 'read', at: now }]
}

function isAwaited({ view, connected }: PeerState): boolean {
  return view === undefined && connected
}

/** Who has not answered by now is known at once, and not a second later. */
export function onRead(state: NodeState, at: number, now: number): Effect[] {
  state.isReading = false
  state.readAt = at
  return [...state.peers.values()].filter(isAwaited).flatMap((peer) => examine(state, peer, now))
}

function examine(state: NodeState, peer: PeerState, now: number): Effect[] {
  if (peer.view !== undefined) return checkPeer(state, peer, now)
  if (isUnmet(state, peer, now)) beaconSoon(state, now)
  const troubles = diagnose(state, peer, now)
  if (peer.trouble !== undefined) miss(state, now)
  return [...troubles, ...askLost(peer), ...checkPeer(state, peer, now)]
}

function beaconInterval(state: NodeState, now: number): number {
  const { id, interval } = state.config
  const isNew = now < state.newUntil
  return nextBeaconIn({
    interval,
    sent: state.beaconsSent,
    isNew,
    peers: countNodes(state),
    isMissing: now < state.missingUntil,
    phase: phaseOf(id),
  })
}

function countNodes(state: NodeState): number {
  return Math.max(countPresent(state), countIntroduced(state))
}

function countPresent(state: NodeState): number {
  let present = 0
  for (const { view } of state.peers.values()) if (view !== undefined) present++
  return present
}

function countIntroduced({ config }: NodeState): number {
  return config.introduced?.count() ?? 0
}

/** Others may have forgotten us, and we do not know who has come meanwhile: as when the node was new. */
export function beginAnew(state: NodeState, now: number): void {
  state.newUntil = now + NEW_INTERVALS * state.config.interval
  state.nextBeaconAt = now
}

/**
 * A node beacons and is not met yet, though there was time. It may need our beacons as we need its: to find us, or to tell
 * what keeps us apart.
 */
function isUnmet(state: NodeState, peer: PeerState, now: number): boolean {
  const { interval } = state.config
  const age = now - peer.since
  return peer.heardAt >= peer.since && age >= interval && age < NEW_INTERVALS * interval
}

function beaconSoon(state: NodeState, now: number): void {
  const { interval } = state.config
  state.newUntil = Math.max(state.newUntil, now + 2 * interval)
  state.nextBeaconAt = Math.min(state.nextBeaconAt, now + interval)
}

/** A peer is gone without a word, or out of reach. The network may be split, and the other part not know that we are here. */
export function miss(state: NodeState, now: number): void {
  const { id, interval } = state.config
  if (now >= state.missingUntil) {
    // All who miss it begin at other times.
    const wait = settledInterval(interval, countNodes(state), true) * phaseOf(id)
    state.nextBeaconAt = Math.min(state.nextBeaconAt, now + wait)
  }
  state.missingUntil = now + MISSING_MS
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
 * come in meanwhile is read before anyone is examined. Others may have forgotten us: our beacon tells those that it reaches,
 * and a PING the others, those among them that we wait for an answer of.
 */
function compensateStall(state: NodeState, now: number): Effect[] {
  const late = now - dueAt(state)
  const usual = sweepInterval(state)
  if (late < usual) return []
  for (const peer of state.peers.values()) {
    peer.heardAt = Math.min(now, peer.heardAt + late)
    peer.greetedAt = Math.min(now, peer.greetedAt + late)
    if (peer.view === undefined) peer.since = Math.min(now, peer.since + late)
  }
  restartWatches(state, now)
  beginAnew(state, now)
  state.nextSweepAt = now + usual
  return [...state.peers.values()].flatMap((peer) =>
    isOwedPing(peer, late >= state.config.expired) ? [send(peer, { type: 'ping' })] : [],
  )
}

/** `isLong`: whoever has read our HELLO and could not answer has given us up meanwhile. One that was lost is asked in any case. */
function isOwedPing({ view, connected, lost, isHeard }: PeerState, isLong: boolean): boolean {
  return view === undefined ? isLong && connected && lost === undefined : !isHeard
}

function checkPeer(state: NodeState, peer: PeerState, now: number): Effect[] {
  const { evasive, expired } = state.config
  // One whose connection broke has the same time to be connected to again, however long its last beacon is ago.
  const silence = now - Math.max(peer.heardAt, peer.connected ? 0 : peer.disconnectedAt)
  // Its kernel and its I/O thread answer for it, so its event loop is blocked: it is slow, and not gone.
  const limit = peer.connected ? expired * CONNECTED_FACTOR : expired + pauseOf(state, peer)
  if (silence >= limit) {
    if (peer.view === undefined && !peer.connected) recordFailure(state, peer)
    return forget(state, peer, 'expired')
  }
  if (peer.view === undefined) {
    // It made the connection, and does not show that it reads there.
    if (peer.returning && now - peer.since >= expired) return forget(state, peer, 'expired')
    // What has come since is not read yet, and its answer may be among it. What is not connected has none to give.
    const readAt = peer.connected ? state.readAt : now
    const isUnanswered = readAt - peer.greetedAt >= expired
    // It is silent: it may be busy, and our HELLO waits for it. One whose messages come without its HELLO is not.
    if (peer.connected && silence >= expired && !peer.needsHello) {
      // It may also answer another that asked in our name, and gives that up by now.
      return peer.asks && isUnanswered ? [sayHello(state, peer, now)] : []
    }
    // Nobody was there yet: an invention, or out of reach. Of many such at one address only some are tried again.
    if (!peer.connected && isUnanswered && recordFailure(state, peer)) {
      return forget(state, peer, 'expired')
    }
    // It beacons and does not answer. Our connection may be one that it ignores: try with a new one.
    const isPatient = peer.needsHello
      ? now - peer.greetedAt < CROSSING_MS
      : readAt - peer.greetedAt < patienceWith(state, peer)
    if (isPatient) return []
    // Perhaps it can't reach us, and could answer there.
    if (peer.ours) peer.asks = true
    return reconnect(state, peer, peer.endpoint, now)
  }
  if (silence < (peer.connected ? evasive * CONNECTED_FACTOR : evasive)) return []
  const ping = send(peer, { type: 'ping' })
  if (peer.evasive) return [ping]
  peer.evasive = true
  return [{ type: 'evasive', peer: peer.view }, ping]
}

/**
 * A peer that is busy has not read our HELLO yet, and another would tell it that we have started over: its beacons do not show that
 * it reads. How busy nodes are, the last handshakes tell. One of another library may ignore our connection while it holds one
 * that is gone.
 */
function patienceWith(state: NodeState, { connected, isMarked, unanswered }: PeerState): number {
  const { expired } = state.config
  if (!connected || !isMarked) return expired
  return Math.min(expired * CONNECTED_FACTOR, Math.max(expired * 2 ** unanswered, patienceOf(state)))
}

/** One that is known to be out of reach is so until it stops beaconing, as those do that miss others. */
function pauseOf(state: NodeState, peer: PeerState): number {
  return peer.trouble === undefined
    ? 0
    : 2 * settledInterval(state.config.interval, Math.max(state.peers.size, countIntroduced(state)), true)
}
