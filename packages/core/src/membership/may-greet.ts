import { RING_NEIGHBOURS } from './contacts.js'
import { AUTO_LINKS, hearsCrowd } from './crowd.js'
import { prove } from './entries.js'
import { distanceOn } from './ring.js'
import type { MembershipState } from './state.js'
import type { LinkPolicy } from './types.js'
import { isWantedNow } from './wanted.js'

/** With `used`, so many nodes are greeted that nothing is known of: one of them tells of all others. */
const FIRST_LINKS = 4
/** A node is greeted that nobody has told of for so many milliseconds since it was first heard, while nobody is told of. */
const STRANGE_MS = 1000
/** And after so many in any case: of a network that is forming, others are told of all the time, */
const VERY_STRANGE_MS = 10_000
/** and of a crowd for longer, where each greeting keeps the rest from being told of. */
const CROWD_STRANGE_MS = 30_000
/** Milliseconds between two greetings of such nodes. */
const STRANGER_PAUSE_MS = 1000
/**
 * Whether to greet a node that is heard and that there is no link to. `heardOf`: how many nodes were greeted or met already. A
 * newcomer in a large network is greeted by its neighbours on the ring, who tell of it, and by others only if those do not.
 */
export function mayGreet(state: MembershipState, id: string, heardOf: number, now: number): boolean {
  const entry = state.entries.get(id)
  if (entry !== undefined) {
    prove(state, entry)
    return isWantedNow(state, entry, now)
  }
  state.strangers.add(id, now)
  return heardOf < mostHeard(state) || isNeighbour(state, id) || isStrange(state, id, now)
}

/** Where a crowd starts at once, each would greet dozens, and close nearly all of these links again. Neighbours are enough. */
function mostHeard(state: MembershipState): number {
  const { links } = state.config
  return links === 'auto' && (state.isSparse || hearsCrowd(state)) ? 0 : mostAtFirst(links)
}

/** How many nodes are greeted before anything is known. */
export function mostAtFirst(links: LinkPolicy): number {
  if (links === 'all') return Number.POSITIVE_INFINITY
  return links === 'used' ? FIRST_LINKS : AUTO_LINKS
}

/** Of all that are known, or heard at least: when all come at once, nobody is known yet. */
function isNeighbour({ ring, strangers, self }: MembershipState, id: string): boolean {
  const known = distanceOn(ring, id, self.id)
  const heard = distanceOn(strangers.ring, id, self.id)
  const between = known.up + heard.up
  const around = known.down + heard.down
  return Math.min(between, around) < RING_NEIGHBOURS
}

/** One at a time: where handshakes take long, all would greet all else. */
function isStrange(state: MembershipState, id: string, now: number): boolean {
  const { isSynced, learnedAt, strangers } = state
  const heardAt = strangers.heardAt.get(id) ?? now
  const isKnownToNobody = isSynced && now - Math.max(learnedAt, heardAt) >= STRANGE_MS
  if (!isKnownToNobody && now - heardAt < (hearsCrowd(state) ? CROWD_STRANGE_MS : VERY_STRANGE_MS))
    return false
  if (now < state.nextStrangerAt) return false
  state.nextStrangerAt = now + STRANGER_PAUSE_MS
  return true
}
