import { contactsOf, RING_NEIGHBOURS } from './contacts.js'
import { AUTO_LINKS, isCrowded, linksToAll } from './crowd.js'
import type { Entry } from './entry.js'
import type { Link } from './link-state.js'
import type { Gone, Message, Renewal, Told } from './message.js'
import { type MembershipState, NEWS_MS } from './state.js'
import type { Effect } from './types.js'

/** Signs of life wait so many milliseconds for further ones, and leave together: */
const RENEWALS_MS = 1000
/** longer where there are many nodes, of which one or the other shows that it lives all the time. */
const MAX_RENEWALS_MS = 2500
/** How many contacts get them beside the neighbours on the ring. */
const OTHERS = 2

export interface Telling {
  /** The link that the news came from. */
  readonly except?: Link | undefined
  /** Contacts that hear the beacons of the node need no news about it. */
  readonly quiet?: boolean
}

/** Sends news of a node to the contacts, and to the node itself, so that it can refute what is false. */
export function tell(
  state: MembershipState,
  id: string,
  now: number,
  { except, quiet = false }: Telling = {},
): void {
  for (const contact of contactsOf(state)) if (contact !== except) tellLink(state, contact, id, now, quiet)
  const own = state.links.get(id)
  if (!quiet && own?.speaks && own !== except) tellLink(state, own, id, now)
}

export function tellLink(state: MembershipState, link: Link, id: string, now: number, quiet = false): void {
  link.news.set(id, quiet && link.news.get(id) !== false)
  state.flushAt = Math.min(state.flushAt, now + NEWS_MS)
}

/** Sends the news that wait: each link gets one message about live nodes, and one about those that are gone. */
export function flushNews(state: MembershipState, now: number): Effect[] {
  if (now < state.flushAt) return []
  state.flushAt = Number.POSITIVE_INFINITY
  const effects: Effect[] = []
  for (const link of state.links.values()) {
    if (link.news.size > 0) effects.push(...flushLink(state, link, now))
  }
  return effects
}

function flushLink(state: MembershipState, link: Link, now: number): Effect[] {
  const told: Told[] = []
  const gone: Gone[] = []
  const isQuiet = linksToAll(state) && !isCrowded(state)
  const bothHear = (id: string) => isQuiet && state.config.isHeard(link.id) && state.config.isHeard(id)
  for (const [id, quiet] of link.news) {
    if (quiet && bothHear(id)) continue
    const end = endOf(state, id)
    const entry = state.entries.get(id)
    if (end !== undefined) gone.push(end)
    if (id === state.self.id) told.push({ record: state.self, age: 0 })
    // That it offers nothing any more is believed at once, and that it is gone after a while.
    else if (entry !== undefined && (end === undefined || entry.record.service === ''))
      told.push(toldOf(entry, now))
  }
  link.news.clear()
  const effects: Effect[] = []
  if (told.length > 0) effects.push(send(link, { type: 'know', told }))
  if (gone.length > 0) effects.push(send(link, { type: 'gone', gone }))
  return effects
}

function endOf(state: MembershipState, id: string): Gone | undefined {
  const suspect = state.suspects.get(id)
  const entry = state.entries.get(id)
  if (suspect !== undefined && entry !== undefined) {
    return { id, incarnation: entry.record.incarnation, reason: suspect.reason }
  }
  const tombstone = state.tombstones.get(id)
  return entry === undefined && tombstone !== undefined
    ? { id, incarnation: tombstone.incarnation, reason: tombstone.reason }
    : undefined
}

export function toldOf({ record, linked, seenAt }: Entry, now: number): Told {
  return { record, age: linked ? 0 : (now - seenAt) / 1000 }
}

export function send(link: Link, message: Message): Effect {
  link.wasTold = true
  return { type: 'send', to: link.id, message }
}

/** Sends or forwards a sign of life of a node. */
export function renew(state: MembershipState, id: string, now: number): void {
  state.renewals.add(id)
  state.renewAt = Math.min(state.renewAt, now + renewalsPause(state))
}

function renewalsPause({ entries }: MembershipState): number {
  return Math.min(MAX_RENEWALS_MS, Math.max(1, entries.size / AUTO_LINKS) * RENEWALS_MS)
}

/**
 * Signs of life go around the ring, and to a few random contacts, which makes it faster. If one gets lost, the next one makes up
 * for it.
 */
export function flushRenewals(state: MembershipState, now: number): Effect[] {
  if (now < state.renewAt) return []
  state.renewAt = Number.POSITIVE_INFINITY
  const renewals: Renewal[] = []
  for (const id of state.renewals) {
    const entry = state.entries.get(id)
    if (id === state.self.id) renewals.push({ id, incarnation: state.self.incarnation, age: 0 })
    else if (entry !== undefined) {
      renewals.push({ id, incarnation: entry.record.incarnation, age: toldOf(entry, now).age })
    }
  }
  state.renewals.clear()
  if (renewals.length === 0) return []
  const contacts = contactsOf(state)
  const ring = contacts.slice(0, 2 * RING_NEIGHBOURS)
  const others = contacts.slice(ring.length)
  while (others.length > OTHERS) others.splice(Math.floor(state.config.random() * others.length), 1)
  return [...ring, ...others].map((contact) => send(contact, { type: 'alive', renewals }))
}
