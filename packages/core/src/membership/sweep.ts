import { removeEntry } from './entries.js'
import type { Entry } from './entry.js'
import { renew } from './news.js'
import { askToPart } from './part.js'
import { EXPIRY_MS, type MembershipState, RENEWAL_MS, SWEEP_MS } from './state.js'
import type { Effect } from './types.js'
import { review, USED_MS } from './wanted.js'

/** A node that answers no digest within so many milliseconds skips frames of membership. */
const MUTE_MS = 10_000

/**
 * A suspect that nobody has defended is gone. A member without any link is probably cut off itself: it forgets the others, and
 * does not insist later that they are gone.
 */
export function buryDue(state: MembershipState, now: number): Effect[] {
  const effects: Effect[] = []
  const isAlone = state.links.size === 0
  for (const [id, { until, reason }] of state.suspects) {
    if (until > now) break
    const entry = state.entries.get(id) as Entry
    const { record, key } = entry
    removeEntry(state, entry)
    if (!isAlone) bury(state, id, { incarnation: record.incarnation, key, reason, until: now + EXPIRY_MS })
    effects.push({ type: 'down', record, reason })
    review(state, now)
  }
  return effects
}

function bury(
  { tombstones, config }: MembershipState,
  id: string,
  stone: Parameters<MembershipState['tombstones']['set']>[1],
): void {
  tombstones.set(id, stone)
  const [oldest] = tombstones.keys()
  if (tombstones.size > config.maxRecords && oldest !== undefined) tombstones.delete(oldest)
}

/** Forgets nodes without a sign of life, and sends the signs of life that are due. */
export function sweepDue(state: MembershipState, now: number): Effect[] {
  if (now < state.sweepAt) return []
  state.sweepAt = now + SWEEP_MS
  const effects: Effect[] = []
  for (const entry of [...state.entries.values()]) {
    if (entry.linked) renewForeign(state, entry, now)
    else if (now - entry.seenAt > EXPIRY_MS) {
      removeEntry(state, entry)
      effects.push({ type: 'down', record: entry.record, reason: 'expired' })
    } else if (!state.shown.has(entry.record.id)) {
      // Seeds may have added its network by now.
      state.touched.add(entry.record.id)
    }
  }
  renewSelf(state, now)
  for (const [id, { until }] of state.tombstones) if (until <= now) state.tombstones.delete(id)
  for (const [service, at] of state.used) {
    if (now - at <= USED_MS) continue
    state.used.delete(service)
    review(state, now)
  }
  leaveMute(state, now)
  state.strangers.sweep(now - EXPIRY_MS)
  effects.push(...askToPart(state, now))
  if (effects.some(({ type }) => type === 'down')) review(state, now)
  return effects
}

/** A member that has a link to every known node needs to send no sign of life. */
function renewSelf(state: MembershipState, now: number): void {
  if (state.entries.size === state.linkedCount || now - state.selfRenewedAt < RENEWAL_MS - SWEEP_MS / 2)
    return
  state.selfRenewedAt = now
  renew(state, state.self.id, now)
}

/** The first member with a link to a foreign node sends the sign of life for all. */
function renewForeign(state: MembershipState, entry: Entry, now: number): void {
  if (!entry.record.foreign || state.entries.size === state.linkedCount) return
  if (now - entry.renewedAt < RENEWAL_MS + state.config.random() * SWEEP_MS) return
  entry.renewedAt = now
  renew(state, entry.record.id, now)
}

function leaveMute(state: MembershipState, now: number): void {
  for (const link of state.links.values()) {
    if (!link.speaks || link.hasSpoken || now - link.askedAt < MUTE_MS) continue
    if (link.askedAt === Number.NEGATIVE_INFINITY) continue
    link.speaks = false
    state.contacts = undefined
  }
}
