import { contactsOf } from './contacts.js'
import { isCrowded } from './crowd.js'
import { keyOf } from './format.js'
import type { Link } from './link-state.js'
import type { Gone, Told } from './message.js'
import { send, toldOf } from './news.js'
import type { RecordKey } from './record.js'
import { drop, FIRST_SYNC_PAUSE_MS, type MembershipState } from './state.js'
import type { Effect } from './types.js'

/** Milliseconds between two comparisons, while they find no difference. */
const MAX_PAUSE_MS = 30_000
/** Milliseconds until a new link that is not the first one is compared. By then its beacons are heard, if they can be. */
const NEW_LINK_MS = 500
/** Where there are many nodes, the sooner a member knows them the fewer it greets. */
const CROWD_MS = 50
/** After so many milliseconds without an answer a digest counts as lost. */
const ANSWER_MS = 5000
/** Milliseconds between two answers to one node. */
const MIN_ANSWER_MS = 500
/** The most records in one answer. The rest comes from other members. */
const MAX_ANSWER = 1024

/** Schedules a comparison with the other end of a new link. */
export function oweDigest(state: MembershipState, link: Link, now: number): void {
  // Both ends do this. The one with the smaller id goes first, and the other has nothing left to do.
  const turn = link.id < state.self.id ? 2 : 1
  const delay = isCrowded(state) ? CROWD_MS : NEW_LINK_MS
  const at = state.isSynced || state.links.size > 1 ? now + delay * turn : now
  state.owedDigests.set(link.id, at)
  state.digestAt = Math.min(state.digestAt, at)
}

export function sendOwedDigests(state: MembershipState, now: number): Effect[] {
  if (now < state.digestAt) return []
  const effects: Effect[] = []
  const isCrowd = isCrowded(state)
  state.digestAt = Number.POSITIVE_INFINITY
  for (const [id, at] of state.owedDigests) {
    if (at > now) {
      state.digestAt = Math.min(state.digestAt, at)
      continue
    }
    state.owedDigests.delete(id)
    const link = state.links.get(id) as Link
    if (!state.isSynced || state.isSparse || isCrowd || !state.config.isHeard(id))
      effects.push(ask(state, link, now))
  }
  return effects
}

/** Compares with a random contact now and then, and more often while there are differences. */
export function syncDue(state: MembershipState, now: number): Effect[] {
  if (now < state.syncAt) return []
  state.syncAt = now + state.syncPause * (0.75 + state.config.random() / 2)
  state.syncPause = Math.min(MAX_PAUSE_MS, state.syncPause * 2)
  const contacts = contactsOf(state).filter(
    ({ awaitsHave, askedAt }) => !awaitsHave || now - askedAt > ANSWER_MS,
  )
  const contact = contacts[Math.floor(state.config.random() * contacts.length)]
  return contact === undefined ? [] : [ask(state, contact, now)]
}

function ask(state: MembershipState, link: Link, now: number): Effect {
  link.askedAt = now
  link.awaitsHave = true
  return send(link, { type: 'digest', digest: state.digest })
}

export function onDigest(state: MembershipState, link: Link, digest: bigint, now: number): Effect[] {
  state.owedDigests.delete(link.id)
  if (digest === state.digest) {
    link.awaitsHave = false
    state.isSynced = true
    // Without an answer it would take this node for one that skips frames of membership.
    return link.wasTold ? [] : [send(link, { type: 'digest', digest })]
  }
  if (now - link.answeredAt < MIN_ANSWER_MS) return [drop('membership-quota', link.id)]
  link.answeredAt = now
  link.mayWant = true
  const keys = [keyOf(state.self), ...Array.from(state.entries.values(), ({ key }) => key)]
  return [send(link, { type: 'have', keys })]
}

/** Sends the records that the other lacks, and asks for those that this member lacks. */
export function onHave(
  state: MembershipState,
  link: Link,
  keys: readonly RecordKey[],
  now: number,
): Effect[] {
  if (!link.awaitsHave) return [drop('membership-unasked', link.id)]
  link.awaitsHave = false
  const theirs = new Set(keys)
  const ours = new Set([keyOf(state.self)])
  const told: Told[] = theirs.has(keyOf(state.self)) ? [] : [{ record: state.self, age: 0 }]
  for (const entry of state.entries.values()) {
    ours.add(entry.key)
    // This answer makes a comparison with that node superfluous.
    if (theirs.has(entry.key)) state.owedDigests.delete(entry.record.id)
    else told.push(toldOf(entry, now))
  }
  const gone = suspectsAmong(state, told)
  for (const [id, { key, incarnation, reason }] of state.tombstones) {
    if (theirs.has(key)) gone.push({ id, incarnation, reason })
    ours.add(key)
  }
  const difference = keys.reduce((sum, key) => sum ^ key, state.digest)
  const wanted = [...theirs].filter((key) => !ours.has(key)).slice(0, MAX_ANSWER)
  const effects: Effect[] = []
  if (told.length > 0) effects.push(send(link, { type: 'know', told: told.slice(0, MAX_ANSWER) }))
  if (gone.length > 0) effects.push(send(link, { type: 'gone', gone }))
  if (wanted.length > 0) effects.push(send(link, { type: 'want', keys: wanted }))
  link.awaitsKnow = wanted.length > 0
  if (!link.awaitsKnow) state.isSynced = true
  // The same difference as before is one that comparing does not remove.
  if (effects.length > 0 && difference !== link.difference) {
    state.syncPause = FIRST_SYNC_PAUSE_MS
    state.syncAt = Math.min(state.syncAt, now + FIRST_SYNC_PAUSE_MS * (0.5 + state.config.random()))
  }
  link.difference = difference
  return effects
}

export function onWant(
  state: MembershipState,
  link: Link,
  keys: readonly RecordKey[],
  now: number,
): Effect[] {
  if (!link.mayWant) return [drop('membership-unasked', link.id)]
  link.mayWant = false
  const wanted = new Set(keys.slice(0, MAX_ANSWER))
  const told: Told[] = wanted.has(keyOf(state.self)) ? [{ record: state.self, age: 0 }] : []
  for (const entry of state.entries.values()) if (wanted.has(entry.key)) told.push(toldOf(entry, now))
  if (told.length === 0) return []
  const gone = suspectsAmong(state, told)
  const know = send(link, { type: 'know', told })
  return gone.length > 0 ? [know, send(link, { type: 'gone', gone })] : [know]
}

/** Those of which others say that they are gone: who learns of such a node is not to greet it. */
function suspectsAmong({ suspects }: MembershipState, told: readonly Told[]): Gone[] {
  return told.flatMap(({ record: { id, incarnation } }) => {
    const suspect = suspects.get(id)
    return suspect === undefined ? [] : [{ id, incarnation, reason: suspect.reason }]
  })
}
