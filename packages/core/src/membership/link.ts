import { addEntry, prove, replaceRecord, setSource, suspect } from './entries.js'
import type { Accusation, Entry } from './entry.js'
import { createLink } from './link-state.js'
import type { GoneReason } from './message.js'
import { tell } from './news.js'
import { type Description, describesSame, nextIncarnation } from './record.js'
import type { MembershipState } from './state.js'
import { oweDigest } from './sync.js'
import type { Effect, Input } from './types.js'
import { review } from './wanted.js'

/** There is a link to a node. What the node says about itself is its record. */
export function onLinked(
  state: MembershipState,
  { node, speaks, parts }: Input & { type: 'linked' },
  now: number,
): Effect[] {
  const { id } = node
  const effects: Effect[] = []
  let entry = state.entries.get(id)
  // The member that introduced it knows the same, so there is nothing to compare.
  const isIntroduced = entry !== undefined && !state.suspects.has(id) && describesSame(entry.record, node)
  if (entry === undefined) {
    state.learnedAt = now
    const before = state.tombstones.get(id)
    const record = { ...node, incarnation: nextIncarnation(before?.incarnation ?? 0) }
    entry = addEntry(state, record, '', now)
    effects.push({ type: 'up', record })
    // Before the first comparison this member can't tell what is new to others.
    if (state.isSynced) tell(state, id, now, { quiet: before === undefined })
  } else {
    effects.push(...onKnownLinked(state, entry, node, now))
  }
  if (!entry.linked) state.linkedCount++
  entry.linked = true
  prove(state, entry)
  entry.seenAt = now
  entry.isDoubtful = false
  entry.greetings = 0
  state.greetings.delete(id)
  state.touched.add(id)
  const link = createLink(id, { speaks, parts }, state.config.maxRecords, now)
  state.links.set(id, link)
  state.contacts = undefined
  if (speaks && !(isIntroduced && state.isSynced)) oweDigest(state, link, now)
  return effects
}

function onKnownLinked(state: MembershipState, entry: Entry, node: Description, now: number): Effect[] {
  const { id, incarnation } = entry.record
  setSource(state, entry, '')
  const wasSuspect = state.suspects.delete(id)
  // A node of this library corrects its own record: its endpoint may differ from the one that was dialled.
  const isSame = !node.foreign || describesSame(entry.record, node)
  if (isSame && !wasSuspect) return []
  const record = { ...(isSame ? entry.record : node), incarnation: nextIncarnation(incarnation) }
  replaceRecord(state, entry, record)
  tell(state, id, now)
  return isSame ? [] : [{ type: 'up', record }]
}

/** A call needed a link to a node, and there is none. The node is not offered to calls while it is greeted in vain. */
export function onUnreached(state: MembershipState, id: string): void {
  const entry = state.entries.get(id)
  if (entry === undefined || entry.linked) return
  entry.isDoubtful = true
  state.touched.add(id)
}

/**
 * A link is closed. This member suspects that the node is gone, and says so, unless the node is about to come back or both have
 * parted. If others have said that it is gone, and it has not answered yet, it is suspected all the same.
 */
export function onUnlinked(
  state: MembershipState,
  id: string,
  gone: GoneReason | 'parted' | undefined,
  now: number,
): Effect[] {
  state.links.delete(id)
  state.owedDigests.delete(id)
  state.contacts = undefined
  const entry = state.entries.get(id)
  if (entry === undefined || !entry.linked) return []
  const { accusation } = entry
  entry.linked = false
  entry.accusation = undefined
  entry.seenAt = now
  entry.since = now
  state.linkedCount--
  if (gone === 'stopped' || gone === 'lost') {
    suspect(state, id, gone, now)
    tell(state, id, now, { quiet: true })
    return []
  }
  // It was shown by its link, and goes on to be.
  if (gone === 'parted') state.shown.set(id, entry.record)
  // If it does not come back, perhaps it is not what its record says.
  else if (state.isSparse) entry.isDoubtful = true
  if (gone === undefined) review(state, now)
  if (accusation !== undefined) accept(state, entry, accusation, now)
  return []
}

/** Nobody here can contradict any more that a node is gone. */
function accept(
  state: MembershipState,
  entry: Entry,
  { incarnation, reason }: Accusation,
  now: number,
): void {
  const { record } = entry
  // It has refuted that itself.
  if (incarnation < record.incarnation) return
  replaceRecord(state, entry, { ...record, incarnation })
  suspect(state, record.id, reason, now)
  tell(state, record.id, now)
}
