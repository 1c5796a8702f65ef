import { addEntry, replaceRecord, replaceSelf, setSource, suspect } from './entries.js'
import type { Contradictions, Entry } from './entry.js'
import type { Link } from './link-state.js'
import type { Gone, Renewal, Told } from './message.js'
import { renew, tell, tellLink } from './news.js'
import { takeChange } from './quota.js'
import { describesSame, MAX_AHEAD, type MemberRecord, nextIncarnation } from './record.js'
import { makeRoom } from './room.js'
import { drop, EXPIRY_MS, type MembershipState, RENEWAL_MS } from './state.js'
import type { Effect } from './types.js'
import { review } from './wanted.js'

/** So often a member contradicts another at once. Later it waits at least so many milliseconds, and twice as long each time. */
const FREE_REFUTATIONS = 3
const FIRST_REFUTE_PAUSE_MS = 1000
const MAX_REFUTE_PAUSE_MS = 300_000
/** A node whose memory is a copy of ours says something else of us than we do, and contradicts us as we do it. */
const MAX_OWN_REFUTE_PAUSE_MS = 10_000

/** A member sends records. */
export function onKnow(state: MembershipState, link: Link, told: readonly Told[], now: number): Effect[] {
  const effects = told.flatMap(({ record, age }) => {
    if (record.id === state.self.id) return onSelfTold(state, link, record, now)
    if (age * 1000 >= EXPIRY_MS) return []
    const seenAt = now - age * 1000
    const entry = state.entries.get(record.id)
    if (entry === undefined) return onStranger(state, link, record, seenAt, now)
    return entry.linked
      ? onLinkedTold(state, link, entry, record, now)
      : onKnownTold(state, link, entry, record, seenAt, now)
  })
  if (link.awaitsKnow) state.isSynced = true
  link.awaitsKnow = false
  return effects
}

function onStranger(
  state: MembershipState,
  link: Link,
  record: MemberRecord,
  seenAt: number,
  now: number,
): Effect[] {
  const tombstone = state.tombstones.get(record.id)
  if (tombstone !== undefined && record.incarnation <= tombstone.incarnation) {
    tellLink(state, link, record.id, now)
    return []
  }
  if (!takeChange(link.quota, now)) return [drop('membership-quota', link.id)]
  const room = makeRoom(state, link.id)
  if (room === undefined) return [drop('membership-full', link.id)]
  addEntry(state, record, link.id, seenAt)
  state.learnedAt = now
  // What is new to a newcomer is old to others. If it is not, a comparison finds that out.
  if (state.isSynced) tell(state, record.id, now, { except: link })
  review(state, now)
  return [...room, { type: 'up', record }]
}

/**
 * A record of a node that this member has a link to. A link is proof that the node is alive, but only the node itself knows its
 * newest record.
 */
function onLinkedTold(
  state: MembershipState,
  link: Link,
  entry: Entry,
  record: MemberRecord,
  now: number,
): Effect[] {
  const known = entry.record
  const isSame = describesSame(known, record)
  if (isSame && record.incarnation === known.incarnation) {
    // The sender knows the node too, so a comparison with it would find nothing new.
    state.owedDigests.delete(record.id)
    return isKnownTo(link, record.id)
  }
  if (isOwner(link, record)) {
    if (!takeChange(link.quota, now)) return [drop('membership-quota', link.id)]
    return replace(state, link, entry, record, now)
  }
  // What we took over of a foreign node before there was a link may be so high that nobody else believes it.
  if (record.incarnation < known.incarnation && !(known.foreign && isTooFar(known, record))) return []
  if (isTooFar(record, known)) return [drop('membership-incarnation', link.id)]
  if (!takeChange(link.quota, now)) return [drop('membership-quota', link.id)]
  if (isSame) return replace(state, link, entry, record, now)
  if (!known.foreign && !record.foreign) {
    // The node may have moved. If not, it refutes this itself: it gets the news as well.
    if (record.incarnation === known.incarnation) return []
    return replace(state, link, entry, record, now)
  }
  if (mayContradict(entry.contradictions, MAX_REFUTE_PAUSE_MS, now))
    refute(state, entry, { ...known, incarnation: nextIncarnation(record.incarnation) }, now)
  return [drop('membership-refuted', link.id)]
}

/**
 * Nobody corrects the record of a foreign node, so two members with a link to it may know different things and contradict each
 * other for ever: one of them is of an older version, or holds a HELLO from before the node moved. They do so less and less often.
 */
function mayContradict(said: Contradictions, maxPause: number, now: number): boolean {
  const since = now - said.at
  if (since > 2 * maxPause) said.count = 0
  const paused = said.count - FREE_REFUTATIONS
  if (paused >= 0 && since < Math.min(maxPause, FIRST_REFUTE_PAUSE_MS * 2 ** paused)) return false
  said.count++
  said.at = now
  return true
}

function onKnownTold(
  state: MembershipState,
  link: Link,
  entry: Entry,
  record: MemberRecord,
  seenAt: number,
  now: number,
): Effect[] {
  const known = entry.record
  const isSame = describesSame(known, record)
  const isNewer = record.incarnation > known.incarnation
  const isRemedy = entry.isDoubtful && !isSame && link.id !== entry.source
  if (!isRemedy && !isNewer) {
    // A record that nobody else believes is forgotten when its time is over.
    if (!isTooFar(known, record)) entry.seenAt = Math.max(entry.seenAt, seenAt)
    return isSame ? isKnownTo(link, record.id) : []
  }
  if (!isRemedy && isTooFar(record, known)) {
    return [drop('membership-incarnation', link.id)]
  }
  if (!takeChange(link.quota, now)) return [drop('membership-quota', link.id)]
  entry.seenAt = Math.max(entry.seenAt, seenAt)
  // It is not gone, so a link to it is wanted again.
  if (state.suspects.delete(record.id)) review(state, now)
  if (!isSame) {
    setSource(state, entry, link.id)
    entry.isDoubtful = false
    entry.greetings = 0
    state.greetings.delete(record.id)
    review(state, now)
  }
  return replace(state, link, entry, record, now)
}

/** Takes over a record, and forwards it. */
function replace(
  state: MembershipState,
  link: Link,
  entry: Entry,
  record: MemberRecord,
  now: number,
): Effect[] {
  const isSame = describesSame(entry.record, record)
  replaceRecord(state, entry, record)
  tell(state, record.id, now, { except: link })
  return isSame ? [] : [{ type: 'up', record }]
}

function refute(state: MembershipState, entry: Entry, record: MemberRecord, now: number): void {
  replaceRecord(state, entry, record)
  tell(state, record.id, now)
}

/** A record of this node: a false one, or one from a member that refuted that this node is gone. */
function onSelfTold(state: MembershipState, link: Link, record: MemberRecord, now: number): Effect[] {
  const { self } = state
  const isSame = describesSame(self, record)
  if (record.incarnation < self.incarnation || (isSame && record.incarnation === self.incarnation)) {
    if (isSame && record.incarnation === self.incarnation) link.news.delete(self.id)
    return []
  }
  if (isTooFar(record, self)) return [drop('membership-incarnation', link.id)]
  if (!takeChange(link.quota, now)) return [drop('membership-quota', link.id)]
  if (isSame) {
    replaceSelf(state, record)
    return []
  }
  if (mayContradict(state.contradictions, MAX_OWN_REFUTE_PAUSE_MS, now)) {
    replaceSelf(state, { ...self, incarnation: nextIncarnation(record.incarnation) })
    tell(state, self.id, now)
  }
  return [drop('membership-refuted', link.id)]
}

/** A member says that nodes are gone. A member with a link to one of them refutes it. */
export function onGone(state: MembershipState, link: Link, gone: readonly Gone[], now: number): Effect[] {
  return gone.flatMap((one) => onOneGone(state, link, one, now))
}

function onOneGone(
  state: MembershipState,
  link: Link,
  { id, incarnation, reason }: Gone,
  now: number,
): Effect[] {
  const entry = state.entries.get(id)
  const known = id === state.self.id ? state.self : entry?.record
  if (known === undefined) return []
  if (incarnation < known.incarnation) {
    tellLink(state, link, id, now)
    return []
  }
  if (isTooFar({ incarnation }, known)) return [drop('membership-incarnation', link.id)]
  if (state.suspects.has(id) && incarnation === known.incarnation) return isKnownTo(link, id)
  if (!takeChange(link.quota, now)) return [drop('membership-quota', link.id)]
  if (entry === undefined) {
    replaceSelf(state, { ...state.self, incarnation: nextIncarnation(incarnation) })
    tell(state, id, now)
    return [drop('membership-refuted', link.id)]
  }
  if (entry.linked) {
    // It may be true, and this member not have seen the end of its own link yet. So only who has answered is defended.
    const isAsked = entry.accusation !== undefined
    entry.accusation = { by: link.id, incarnation, reason }
    return isAsked ? [] : [{ type: 'ask', id }]
  }
  replaceRecord(state, entry, { ...entry.record, incarnation })
  suspect(state, id, reason, now)
  tell(state, id, now, { except: link })
  return []
}

/** A node that was said to be gone is there. */
export function onAnswered(state: MembershipState, id: string, now: number): Effect[] {
  const entry = state.entries.get(id)
  if (entry?.accusation === undefined) return []
  const { by, incarnation } = entry.accusation
  entry.accusation = undefined
  if (incarnation < entry.record.incarnation) {
    // It has refuted that itself.
    tell(state, id, now)
    return []
  }
  refute(state, entry, { ...entry.record, incarnation: nextIncarnation(incarnation) }, now)
  return [drop('membership-refuted', by)]
}

/** Signs of life. One that is much newer than the last is forwarded. Others are on their way already. */
export function onAlive(state: MembershipState, renewals: readonly Renewal[], now: number): Effect[] {
  for (const { id, incarnation, age } of renewals) {
    const entry = state.entries.get(id)
    if (entry === undefined || entry.record.incarnation !== incarnation) continue
    const seenAt = now - age * 1000
    entry.seenAt = Math.max(entry.seenAt, seenAt)
    if (seenAt < entry.renewedAt + RENEWAL_MS / 2) continue
    entry.renewedAt = seenAt
    renew(state, id, now)
  }
  return []
}

/** The sender needs no news about what it sent. */
function isKnownTo(link: Link, id: string): Effect[] {
  link.news.delete(id)
  return []
}

function isOwner(link: Link, { id, foreign }: MemberRecord): boolean {
  return link.id === id && !foreign
}

/** Without this limit a liar could use up all incarnations at once. */
function isTooFar(
  said: Pick<MemberRecord, 'incarnation'>,
  known: Pick<MemberRecord, 'incarnation'>,
): boolean {
  return said.incarnation > known.incarnation + MAX_AHEAD
}
