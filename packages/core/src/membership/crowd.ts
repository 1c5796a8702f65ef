import type { Entry } from './entry.js'
import type { MembershipState } from './state.js'

/** With up to so many nodes that are proven, `auto` wants a link to each. */
export const AUTO_LINKS = 64
/** A crowd goes on to form until nobody was new for so many milliseconds. Most of those that are known now need no link then. */
export const CROWD_PATIENCE_MS = 2000
/** A node that is known for so long is not part of what forms: who tells of new ones all the time keeps no link from it. */
const MAX_FORMING_MS = 30_000

/** Whether there is to be a link to every node. */
export function linksToAll({ isSparse }: MembershipState): boolean {
  return !isSparse
}

/**
 * So many nodes are known or heard that there will be no link to each, once it is certain that they are there. Until then members
 * tell each other of all of them: whoever knows them need not greet them.
 */
export function isCrowded({ config, entries, strangers }: MembershipState): boolean {
  return config.links === 'auto' && entries.size + strangers.heardAt.size > AUTO_LINKS
}

/** `auto`: so many nodes are heard, known or not, that there will be a link to few of them. Many start at once. */
export function hearsCrowd({ config, provenCount, strangers }: MembershipState): boolean {
  return config.links === 'auto' && provenCount + strangers.heardAt.size > AUTO_LINKS
}

/** Whether a node is one of many that come at once, so that it is soon known whether there is to be a link to it. */
export function isForming(state: MembershipState, { since }: Entry, now: number): boolean {
  if (!linksToAll(state) || !hearsCrowd(state)) return false
  return now - state.learnedAt < CROWD_PATIENCE_MS && now - since < MAX_FORMING_MS
}
