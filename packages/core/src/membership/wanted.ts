import { neighboursOf, RANDOM_NEIGHBOURS } from './contacts.js'
import type { Entry, MembershipState } from './state.js'
import type { Effect } from './types.js'

/** Up to so many nodes `auto` has a link to each. */
const AUTO_LINKS = 64
/** How long the instances of a service that was called are kept linked. */
export const USED_MS = 60_000
const MAX_USED = 256

/** Records that come together are looked at together; with many, the look takes a while. */
const REVIEW_MS = 20
const LARGE_REVIEW_MS = 500
/** A newcomer gives beacons time to do the same: it sends four within 350 ms, and whoever hears one greets it. */
const NEWCOMER_MS = 2000
const PATIENCE_MS = 400
const JITTER_MS = 300
/** How many nodes are greeted at a time, and how soon the next. */
const GREETINGS = 16
const GREETINGS_MS = 100
/** A greeting in vain is repeated, after twice as long each time. */
const FIRST_PAUSE_MS = 10_000
const MAX_PAUSE_MS = 300_000

/** Whether there is to be a link to every node. */
export function linksToAll({ config: { links }, entries }: MembershipState): boolean {
  return links === 'all' || (links === 'auto' && entries.size <= AUTO_LINKS)
}

/** Which links are wanted is to be seen anew. */
export function review(state: MembershipState, now: number): void {
  const delay = state.entries.size > AUTO_LINKS ? LARGE_REVIEW_MS : REVIEW_MS
  state.reviewAt = Math.min(state.reviewAt, now + delay)
}

/** A service is called. Of more services than are kept the one that was not called for longest is left. */
export function onUsed(state: MembershipState, service: string, now: number): void {
  const { used } = state
  const isNew = !used.delete(service)
  used.set(service, now)
  const [oldest] = used.keys()
  if (used.size > MAX_USED && oldest !== undefined) used.delete(oldest)
  if (isNew) state.reviewAt = now
}

/** Plans greetings of those that a link is wanted to, and gives up those of others. */
export function reviewLinks(state: MembershipState, now: number): void {
  if (now < state.reviewAt) return
  state.reviewAt = Number.POSITIVE_INFINITY
  const wanted = wantedNodes(state, now)
  const isNewcomer = now - state.startedAt < NEWCOMER_MS
  for (const id of state.greetings.keys()) if (!wanted.has(id)) state.greetings.delete(id)
  for (const id of wanted) {
    if (state.greetings.has(id)) continue
    plan(state, id, isNewcomer ? now + PATIENCE_MS + state.config.random() * JITTER_MS : now)
  }
}

/** Nodes without a link that there should be one to. */
function wantedNodes(state: MembershipState, now: number): Set<string> {
  const unlinked = [...state.entries.values()].filter(({ linked }) => !linked)
  if (linksToAll(state)) return new Set(unlinked.map(({ record }) => record.id))
  const wanted = new Set<string>()
  for (const { record } of unlinked) {
    const isUsed = now - (state.used.get(record.service) ?? Number.NEGATIVE_INFINITY) < USED_MS
    // Go peers learn of each other, and of us, by links alone.
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

/** Those that were chosen are kept while they can be reached. */
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

/** Greets those whose time has come, a few at a time. */
export function greetDue(state: MembershipState, now: number): Effect[] {
  if (now < state.greetAt) return []
  const effects: Effect[] = []
  let next = Number.POSITIVE_INFINITY
  for (const [id, at] of state.greetings) {
    const entry = state.entries.get(id)
    if (entry === undefined || entry.linked) {
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
    // There is no link since the last time.
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
