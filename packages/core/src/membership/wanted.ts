import { neighboursOf, RANDOM_NEIGHBOURS } from './contacts.js'
import type { Entry, MembershipState } from './state.js'
import type { Effect } from './types.js'

/** With up to so many nodes, `auto` wants a link to each. */
const AUTO_LINKS = 64
/** For so many milliseconds after a call the instances of its service are wanted. */
export const USED_MS = 60_000
const MAX_USED = 256

/** Records that come together are reviewed together. With many records a review takes longer, so there are fewer. */
const REVIEW_MS = 20
const LARGE_REVIEW_MS = 500
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

/** Whether there is to be a link to every node. */
export function linksToAll({ config: { links }, entries }: MembershipState): boolean {
  return links === 'all' || (links === 'auto' && entries.size <= AUTO_LINKS)
}

/** Schedules a review of which links are wanted. */
export function review(state: MembershipState, now: number): void {
  const delay = state.entries.size > AUTO_LINKS ? LARGE_REVIEW_MS : REVIEW_MS
  state.reviewAt = Math.min(state.reviewAt, now + delay)
}

/** A service is called. Drops the least recently called one if there are too many. */
export function onUsed(state: MembershipState, service: string, now: number): void {
  const { used } = state
  const isNew = !used.delete(service)
  used.set(service, now)
  const [oldest] = used.keys()
  if (used.size > MAX_USED && oldest !== undefined) used.delete(oldest)
  if (isNew) state.reviewAt = now
}

/** Plans greetings of the nodes that links are wanted to, and cancels all others. */
export function reviewLinks(state: MembershipState, now: number): void {
  if (now < state.reviewAt) return
  state.reviewAt = Number.POSITIVE_INFINITY
  const wanted = wantedNodes(state, now)
  // Nobody would answer where a node was that is said to be gone.
  for (const id of state.suspects.keys()) wanted.delete(id)
  const isNewcomer = now - state.startedAt < NEWCOMER_MS
  for (const id of state.greetings.keys()) if (!wanted.has(id)) state.greetings.delete(id)
  for (const id of wanted) {
    if (state.greetings.has(id)) continue
    plan(state, id, isNewcomer ? now + PATIENCE_MS + state.config.random() * JITTER_MS : now)
  }
}

/** The nodes without a link that this member wants one to, and may be able to make. */
function wantedNodes(state: MembershipState, now: number): Set<string> {
  const wanted = usefulNodes(state, now)
  // It connects to us if we can be reached. If not, both may still be behind the same router.
  if (!state.self.unreachable)
    for (const id of wanted) if (state.entries.get(id)?.record.unreachable) wanted.delete(id)
  return wanted
}

function usefulNodes(state: MembershipState, now: number): Set<string> {
  const unlinked = [...state.entries.values()].filter(({ linked }) => !linked)
  if (linksToAll(state)) return new Set(unlinked.map(({ record }) => record.id))
  const wanted = new Set<string>()
  for (const { record } of unlinked) {
    const isUsed = now - (state.used.get(record.service) ?? Number.NEGATIVE_INFINITY) < USED_MS
    // A Go node learns about this one by a link only.
    if (isUsed || (record.foreign && record.service !== '')) wanted.add(record.id)
  }
  for (const { record } of ringOf(state)) if (!state.links.has(record.id)) wanted.add(record.id)
  for (const id of chosenOf(state)) if (!state.links.has(id)) wanted.add(id)
  return wanted
}

function ringOf(state: MembershipState): { id: string; record: Entry['record'] }[] {
  const members = [...state.entries.values()].filter(({ record }) => speaks(record))
  return neighboursOf(
    state.self.id,
    members.map(({ record }) => ({ id: record.id, record })),
  )
}

/** Random nodes to keep a link to. They stay while they can be reached. */
function chosenOf(state: MembershipState): ReadonlySet<string> {
  const { chosen, entries, config } = state
  for (const id of chosen) if (entries.get(id)?.isDoubtful) chosen.delete(id)
  if (chosen.size >= RANDOM_NEIGHBOURS) return chosen
  const others = [...entries.values()].filter(
    ({ record, isDoubtful }) => speaks(record) && !isDoubtful && !chosen.has(record.id),
  )
  while (chosen.size < RANDOM_NEIGHBOURS && others.length > 0) {
    const [{ record }] = others.splice(Math.floor(config.random() * others.length), 1) as [Entry]
    chosen.add(record.id)
  }
  return chosen
}

function speaks({ foreign, wire }: Entry['record']): boolean {
  return !foreign && wire > 1
}

function plan(state: MembershipState, id: string, at: number): void {
  state.greetings.set(id, at)
  state.greetAt = Math.min(state.greetAt, at)
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
    if (effects.length >= GREETINGS) {
      next = now + GREETINGS_MS
      break
    }
    const entry = state.entries.get(id) as Entry
    // The last greeting led to no link.
    if (entry.greetings > 0) entry.isDoubtful = true
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** entry.greetings++)
    const again = now + pause * (0.75 + state.config.random() / 2)
    state.greetings.set(id, again)
    next = Math.min(next, again)
    effects.push({ type: 'greet', record: entry.record })
  }
  state.greetAt = next
  return effects
}
