import { RANDOM_NEIGHBOURS, RING_NEIGHBOURS } from './contacts.js'
import { AUTO_LINKS, CROWD_PATIENCE_MS, hearsCrowd, isForming, linksToAll } from './crowd.js'
import type { Entry } from './entry.js'
import { isOnRing, type MemberRecord } from './record.js'
import { neighboursOn } from './ring.js'
import { FIRST_SYNC_PAUSE_MS, type MembershipState } from './state.js'
import type { Effect } from './types.js'

/** When there were more, it does so again from so few on: a network of about that size does not change its mind all the time. */
const FEW_NODES = 48
/** For so many milliseconds after a call the instances of its service are wanted. */
export const USED_MS = 60_000
/** Of so many services, with so many instances together: each takes a link. */
const MAX_USED = 256

/** Records that come together are reviewed together. With many records a review takes longer, so there are fewer. */
const REVIEW_MS = 20
const LARGE_REVIEW_MS = 500
/** Random contacts are chosen when no node was new for so many milliseconds. Until then those links do that there are. */
const SETTLED_MS = 1000
/** A newcomer sends four beacons within 350 ms, and nodes that hear one greet it. So it waits before it greets others. */
const NEWCOMER_MS = 2000
const PATIENCE_MS = 400
const JITTER_MS = 300
/** How many nodes are greeted at a time, and how many milliseconds before the next. */
const GREETINGS = 16
const GREETINGS_MS = 100
/** A greeting that leads to no link is repeated, after twice as long each time. */
const FIRST_PAUSE_MS = 10_000
const MAX_PAUSE_MS = 300_000

/** `auto`: the network has grown, or has shrunk. */
export function reviewMode(state: MembershipState, now: number): void {
  const { entries, isSparse } = state
  const isNowSparse = wantsFew(state)
  if (isNowSparse === isSparse) return
  state.isSparse = isNowSparse
  review(state, now)
  if (!isNowSparse) return
  for (const { record, linked } of entries.values()) if (!linked) state.touched.add(record.id)
  // News were left out that beacons told as well.
  state.syncPause = FIRST_SYNC_PAUSE_MS
  state.syncAt = Math.min(state.syncAt, now + FIRST_SYNC_PAUSE_MS * state.config.random())
}

function wantsFew({ config: { links }, self, entries, provenCount, isSparse }: MembershipState): boolean {
  // Nobody else can make a link to a node that can't be reached.
  if (links === 'all' || self.unreachable) return false
  if (links === 'used') return true
  // One member could invent a large network. Once there is one, most of its nodes are known by what members tell.
  return isSparse ? entries.size > FEW_NODES : provenCount > AUTO_LINKS
}

/** Schedules a review of which links are wanted. */
export function review(state: MembershipState, now: number): void {
  const delay = state.entries.size > AUTO_LINKS ? LARGE_REVIEW_MS : REVIEW_MS
  state.reviewAt = Math.min(state.reviewAt, now + delay)
}

/** A service is called. Drops those that were least recently called if there are too many. */
export function onUsed(state: MembershipState, service: string, now: number): void {
  const { used } = state
  const isNew = !used.delete(service)
  used.set(service, now)
  if (!isNew) return
  dropLeastUsed(state)
  state.reviewAt = now
}

/** The last one stays, however many instances it has. */
function dropLeastUsed({ used, entries }: MembershipState): void {
  const instances = new Map<string, number>()
  let links = 0
  for (const { record } of entries.values()) {
    if (!used.has(record.service)) continue
    instances.set(record.service, (instances.get(record.service) ?? 0) + 1)
    links++
  }
  for (const service of used.keys()) {
    if (used.size === 1 || (links <= MAX_USED && used.size <= MAX_USED)) break
    used.delete(service)
    links -= instances.get(service) ?? 0
  }
}

/** This node subscribes to events, or does not any more. */
export function onSubscribes(state: MembershipState, subscribes: boolean, now: number): void {
  if (state.subscribes === subscribes) return
  state.subscribes = subscribes
  review(state, now)
}

/** Plans greetings of the nodes that links are wanted to, and cancels all others. */
export function reviewLinks(state: MembershipState, now: number): void {
  if (now < state.reviewAt) return
  state.reviewAt = Number.POSITIVE_INFINITY
  const wanted = wantedNodes(state, now)
  // Nobody would answer where a node was that is said to be gone.
  for (const id of state.suspects.keys()) wanted.delete(id)
  const patience = patienceOf(state, now)
  for (const id of state.greetings.keys()) if (!wanted.has(id)) giveUp(state, id)
  for (const id of wanted) {
    if (state.greetings.has(id)) continue
    plan(state, id, patience > 0 ? now + patience + state.config.random() * JITTER_MS : now)
  }
}

/** Milliseconds until a node is greeted that is wanted. */
function patienceOf(state: MembershipState, now: number): number {
  if (linksToAll(state) && hearsCrowd(state)) return CROWD_PATIENCE_MS
  return now - state.startedAt < NEWCOMER_MS ? PATIENCE_MS : 0
}

/** A node is not greeted any more, so nothing is known of whether it can be reached: the next call finds out. */
function giveUp(state: MembershipState, id: string): void {
  const entry = state.entries.get(id) as Entry
  entry.greetings = 0
  entry.isDoubtful = false
  state.greetings.delete(id)
  state.touched.add(id)
}

/** Who can't be reached connects to us if we can be. If not, both may still be behind the same router. */
export function mayReach({ self }: MembershipState, { unreachable }: MemberRecord): boolean {
  return !unreachable || self.unreachable
}

/** The nodes without a link that this member wants one to, and may be able to make. */
function wantedNodes(state: MembershipState, now: number): Set<string> {
  if (state.isSparse) chooseSettled(state, now)
  const wanted = new Set<string>()
  for (const entry of state.entries.values())
    if (!entry.linked && mayReach(state, entry.record) && isWanted(state, entry, now))
      wanted.add(entry.record.id)
  return wanted
}

/** Whether there is to be a link to a node. */
export function isWanted(state: MembershipState, entry: Entry, now: number): boolean {
  return linksToAll(state) || isAmongFew(state, entry, now)
}

/** Whether it is time for that: while a crowd forms, only a node is greeted that there will be a link to in any case. */
export function isWantedNow(state: MembershipState, entry: Entry, now: number): boolean {
  return isForming(state, entry, now) ? isAmongFew(state, entry, now) : isWanted(state, entry, now)
}

/** Whether there is to be a link to a node though there is none to most. */
function isAmongFew(state: MembershipState, { record }: Entry, now: number): boolean {
  // Each of them may emit events.
  if (state.subscribes && !record.foreign) return true
  // A node of another library learns about this one by a link only.
  if (record.foreign && record.service !== '') return true
  if (state.chosen.has(record.id)) return true
  if (now - (state.used.get(record.service) ?? Number.NEGATIVE_INFINITY) < USED_MS) return true
  return neighboursOn(state.ring, state.self.id, RING_NEIGHBOURS).includes(record.id)
}

/** Once nobody is new: those who are chosen of a network that goes on to grow are chosen anew. */
function chooseSettled(state: MembershipState, now: number): void {
  const settledAt = state.learnedAt + SETTLED_MS
  if (now >= settledAt || state.links.size < RANDOM_NEIGHBOURS) choose(state)
  else state.reviewAt = Math.min(state.reviewAt, settledAt)
}

/** Random nodes to keep a link to. They stay while they can be reached. */
export function choose(state: MembershipState): void {
  const { chosen, entries, config } = state
  // Those who come first would be chosen by all who come later.
  if (entries.size > 2 * state.chosenAmong) chosen.clear()
  if (chosen.size === 0) state.chosenAmong = entries.size
  for (const id of chosen) if (entries.get(id)?.isDoubtful) chosen.delete(id)
  if (chosen.size >= RANDOM_NEIGHBOURS) return
  const others = [...entries.values()].filter(
    ({ record, isDoubtful }) =>
      isOnRing(record) && !isDoubtful && !chosen.has(record.id) && config.mayConnect(record.endpoint),
  )
  while (chosen.size < RANDOM_NEIGHBOURS && others.length > 0) {
    const [{ record }] = others.splice(Math.floor(config.random() * others.length), 1) as [Entry]
    chosen.add(record.id)
  }
}

function plan(state: MembershipState, id: string, at: number): void {
  state.greetings.set(id, at)
  state.greetAt = Math.min(state.greetAt, at)
}

/** Greetings in vain after which a node counts as out of reach. Among many that start at once, the first may wait for its turn that long. */
function mostInVain(state: MembershipState): number {
  return hearsCrowd(state) ? 1 : 0
}

/** Greets the nodes that are due, a few at a time. */
export function greetDue(state: MembershipState, now: number): Effect[] {
  if (now < state.greetAt) return []
  const effects: Effect[] = []
  let next = Number.POSITIVE_INFINITY
  for (const [id, at] of state.greetings) {
    if (state.suspects.has(id)) {
      state.greetings.delete(id)
      continue
    }
    if (at > now) {
      next = Math.min(next, at)
      continue
    }
    const entry = state.entries.get(id) as Entry
    if (!isWantedNow(state, entry, now)) {
      const later = now + CROWD_PATIENCE_MS
      state.greetings.set(id, later)
      next = Math.min(next, later)
      continue
    }
    if (effects.length >= GREETINGS) {
      next = now + GREETINGS_MS
      break
    }
    // The last greeting led to no link.
    if (entry.greetings > mostInVain(state) && !entry.isDoubtful) {
      entry.isDoubtful = true
      state.touched.add(id)
    }
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** entry.greetings++)
    const again = now + pause * (0.75 + state.config.random() / 2)
    state.greetings.set(id, again)
    next = Math.min(next, again)
    effects.push({ type: 'greet', record: entry.record })
  }
  state.greetAt = next
  return effects
}
