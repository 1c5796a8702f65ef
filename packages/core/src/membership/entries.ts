import { type Entry, noContradictions } from './entry.js'
import { keyOf } from './format.js'
import type { GoneReason } from './message.js'
import { isOnRing, type MemberRecord } from './record.js'
import { addToRing, removeFromRing } from './ring.js'
import { type MembershipState, SUSPICION_MS } from './state.js'

/** Adds a record. `seenAt`: when its node was certainly alive. */
export function addEntry(
  state: MembershipState,
  record: MemberRecord,
  source: string,
  seenAt: number,
): Entry {
  const entry: Entry = {
    record,
    key: keyOf(record),
    linked: false,
    source,
    seenAt,
    since: seenAt,
    renewedAt: seenAt,
    isProven: false,
    isDoubtful: false,
    greetings: 0,
    accusation: undefined,
    contradictions: noContradictions(),
  }
  state.entries.set(record.id, entry)
  if (state.strangers.heardAt.has(record.id)) prove(state, entry)
  state.touched.add(record.id)
  if (isOnRing(record)) addToRing(state.ring, record.id)
  state.digest ^= entry.key
  state.tombstones.delete(record.id)
  state.strangers.delete(record.id)
  countSource(state, source, 1)
  return entry
}

/** There is a link to a node, or its beacon comes in. */
export function prove(state: MembershipState, entry: Entry): void {
  if (!entry.isProven) state.provenCount++
  entry.isProven = true
}

/** Removes a node that there is no link to. */
export function removeEntry(state: MembershipState, entry: Entry): void {
  const { id } = entry.record
  state.entries.delete(id)
  if (entry.isProven) state.provenCount--
  state.touched.add(id)
  removeFromRing(state.ring, id)
  state.digest ^= entry.key
  state.suspects.delete(id)
  state.greetings.delete(id)
  state.chosen.delete(id)
  state.renewals.delete(id)
  countSource(state, entry.source, -1)
}

/** Replaces the record of a known node. */
export function replaceRecord(state: MembershipState, entry: Entry, record: MemberRecord): void {
  state.digest ^= entry.key
  entry.record = record
  entry.key = keyOf(record)
  state.digest ^= entry.key
  state.touched.add(record.id)
  if (isOnRing(record)) addToRing(state.ring, record.id)
  else removeFromRing(state.ring, record.id)
}

/** A node is said to be gone, or seems to be. The suspects are in the order of their times. */
export function suspect({ suspects }: MembershipState, id: string, reason: GoneReason, now: number): void {
  suspects.delete(id)
  suspects.set(id, { until: now + SUSPICION_MS, reason })
}

export function replaceSelf(state: MembershipState, self: MemberRecord): void {
  state.digest ^= keyOf(state.self) ^ keyOf(self)
  state.self = self
}

export function setSource(state: MembershipState, entry: Entry, source: string): void {
  countSource(state, entry.source, -1)
  entry.source = source
  countSource(state, source, 1)
}

function countSource(state: MembershipState, source: string, change: 1 | -1): void {
  if (source === '') return
  const count = (state.sources.get(source) ?? 0) + change
  if (count === 0) state.sources.delete(source)
  else state.sources.set(source, count)
}
