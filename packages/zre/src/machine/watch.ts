import { lose } from './connection.js'
import { currentEndpoint, reconnect } from './handshake.js'
import type { PeerState, Watch } from './peer.js'
import { type NodeState, send, unwatch } from './state.js'
import type { Effect, Input } from './types.js'

/** Milliseconds for which a link counts as in use after the last message that we sent. */
const IN_USE_MS = 10_000
/** Looks at links in use within `lost`. While there are none, nobody looks. */
const LOOKS = 12
/** Probes that must fail, one after the other, before a peer is lost: a single one may fail by a packet that got lost. */
const MAX_FAILURES = 2
/** The shares of `lost` for the silence before a peer is asked, and for the answer to a probe. With looks they add up to less than 1. */
const SILENT_SHARE = 1 / 4
export const PROBE_SHARE = 1 / 4
/**
 * A peer whose event loop runs answers a PING within so many times `expired`, however much it has to read before. If it goes on to
 * speak or to beacon for so long and answers none, our connection is one that it does not read, or that leads nowhere.
 */
const MUTE_FACTOR = 2

/** Milliseconds until the next look after one. */
function watchInterval({ watched, config }: NodeState): number {
  return watched.size > 0 ? config.lost / LOOKS : Number.POSITIVE_INFINITY
}

/** A whisper goes to a peer that is present, or came from it, or the user says that it is called. A link that was idle is checked at once: its host may have vanished meanwhile. */
export function use(state: NodeState, peer: PeerState, now: number): Effect[] {
  if (peer.watch !== undefined) {
    peer.watch.used = true
    return []
  }
  const { lost } = state.config
  const limit = lost * SILENT_SHARE
  const asked = now - Math.max(peer.spokeAt ?? peer.connectedAt, peer.connectedAt) >= limit
  // Without an answer it is probed at the first look.
  const since = asked ? now - limit : now
  peer.watch = {
    usedAt: now,
    used: true,
    since,
    asked,
    mutedAt: undefined,
    probedAt: undefined,
    failures: 0,
    moved: false,
  }
  state.watched.add(peer)
  state.nextWatchAt = Math.min(state.nextWatchAt, now + watchInterval(state))
  return asked ? [send(peer, { type: 'ping' })] : []
}

/** A peer says that it is elsewhere than our connection leads to: the place is probed at the next look. */
export function doubtPlace(state: NodeState, peer: PeerState, now: number): Effect[] {
  const effects = use(state, peer, now)
  const watch = peer.watch as Watch
  watch.moved = true
  return effects
}

/** Looks at links in use, and says when to look again. */
export function checkWatched(state: NodeState, now: number): Effect[] {
  if (now < state.nextWatchAt) return []
  const effects: Effect[] = []
  for (const peer of state.watched) {
    if (isIdle(state, peer, peer.watch as Watch, now)) unwatch(state, peer)
    else effects.push(...ask(state, peer, peer.watch as Watch, now))
  }
  state.nextWatchAt = now + watchInterval(state)
  return effects
}

/** Our own process stood still: nobody's silence counts, nor what a probe that is under way did not hear. */
export function restartWatches(state: NodeState, now: number): void {
  for (const { watch } of state.watched) {
    if (watch === undefined) continue
    watch.since = now
    watch.mutedAt = undefined
    watch.probedAt = undefined
  }
}

export function onProbed(
  state: NodeState,
  { id, at, answered }: Input & { type: 'probed' },
  now: number,
): Effect[] {
  const peer = state.peers.get(id)
  const watch = peer?.watch
  if (peer === undefined || watch?.probedAt !== at) return []
  watch.probedAt = undefined
  if (answered === undefined || (!watch.moved && reachedSince(peer, watch) > at)) return []
  if (answered) {
    watch.since = now
    watch.moved = false
    if (!isMute(state, peer, watch, at)) return []
  } else if (++watch.failures < MAX_FAILURES) return probe(peer, watch, now)
  peer.answeredAt = now
  return [...lose(peer, now), ...reconnect(state, peer, currentEndpoint(state, peer, now), now)]
}

/** It runs, and can be reached, and has not answered a PING for long. `askedAt`: a PING went before this. */
function isMute({ config }: NodeState, peer: PeerState, watch: Watch, askedAt: number): boolean {
  if (watch.mutedAt === undefined || peer.reachedAt >= watch.mutedAt) watch.mutedAt = askedAt
  return peer.heardAt - watch.mutedAt >= MUTE_FACTOR * config.expired
}

/** It is asked, and has not answered by the next look. */
export function isSilent(peer: PeerState | undefined): boolean {
  const { view, watch } = peer ?? {}
  if (view === undefined || watch === undefined) return false
  return watch.asked && (watch.probedAt !== undefined || watch.failures > 0)
}

function isIdle(state: NodeState, peer: PeerState, watch: Watch, now: number): boolean {
  if (watch.used || state.config.isAwaited?.(peer.id)) watch.usedAt = now
  watch.used = false
  return now - watch.usedAt >= IN_USE_MS
}

function ask(state: NodeState, peer: PeerState, watch: Watch, now: number): Effect[] {
  if (watch.moved && !peer.returning) return watch.probedAt === undefined ? probe(peer, watch, now) : []
  const unreached = now - reachedSince(peer, watch)
  if (unreached < state.config.lost * SILENT_SHARE) {
    watch.asked = false
    watch.failures = 0
    return []
  }
  if (peer.returning) {
    // No connection can be made to it. What is sent when its own is gone comes back as an error.
    watch.since = now
    return [send(peer, { type: 'ping' })]
  }
  if (watch.asked) return watch.probedAt === undefined ? probe(peer, watch, now) : []
  watch.asked = true
  return [send(peer, { type: 'ping' })]
}

function probe(peer: PeerState, watch: Watch, now: number): Effect[] {
  watch.probedAt = now
  return [{ type: 'probe', id: peer.id, endpoint: peer.endpoint, key: peer.key, at: now }]
}

function reachedSince(peer: PeerState, watch: Watch): number {
  return Math.max(peer.reachedAt, watch.since)
}
