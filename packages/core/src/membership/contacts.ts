import type { Link } from './link-state.js'
import type { MembershipState } from './state.js'

/** Neighbours on each side of a node, on a ring of all ids. News that go around the ring reach every node. */
export const RING_NEIGHBOURS = 2
/** Random contacts. They shorten the way of news. */
export const RANDOM_NEIGHBOURS = 4

/**
 * The members that this one sends news to: all of its links if there are few, else its neighbours on the ring and some others.
 * The neighbours come first.
 */
export function contactsOf(state: MembershipState): readonly Link[] {
  state.contacts ??= choose(state)
  return state.contacts
}

function choose(state: MembershipState): Link[] {
  const links = [...state.links.values()].filter(({ speaks }) => speaks)
  const ring = neighboursOf(state.self.id, links)
  const others = links.filter((link) => !ring.includes(link))
  if (others.length <= RANDOM_NEIGHBOURS) return [...ring, ...others]
  // Members on other subnets hear no beacons of this one, so some of them are always contacts.
  const far = others.filter(({ id }) => !state.config.isHeard(id))
  const chosen = atRandom(state, far)
  return [
    ...ring,
    ...chosen,
    ...atRandom(
      state,
      others.filter((link) => !chosen.includes(link)),
    ),
  ]
}

/** Keeps those that were chosen before. */
function atRandom(state: MembershipState, links: readonly Link[]): Link[] {
  const kept = links.filter(({ isRandomContact }) => isRandomContact).slice(0, RANDOM_NEIGHBOURS)
  const others = links.filter((link) => !kept.includes(link))
  while (kept.length < RANDOM_NEIGHBOURS && others.length > 0) {
    const [link] = others.splice(Math.floor(state.config.random() * others.length), 1) as [Link]
    link.isRandomContact = true
    kept.push(link)
  }
  return kept
}

/** The nodes next to an id on each side of the ring. */
export function neighboursOf<T extends { readonly id: string }>(id: string, nodes: readonly T[]): T[] {
  if (nodes.length <= 2 * RING_NEIGHBOURS) return [...nodes]
  const isBefore = (one: T, other: T) => {
    const [hasWrapped, otherHasWrapped] = [one.id < id, other.id < id]
    return hasWrapped === otherHasWrapped ? one.id < other.id : otherHasWrapped
  }
  return [...firstOf(nodes, isBefore), ...firstOf(nodes, (one, other) => isBefore(other, one))]
}

/** The first nodes in that order. Much faster than sorting all of them. */
function firstOf<T>(nodes: readonly T[], isBefore: (one: T, other: T) => boolean): T[] {
  const first: T[] = []
  for (const node of nodes) {
    if (first.length === RING_NEIGHBOURS && !isBefore(node, first[RING_NEIGHBOURS - 1] as T)) continue
    const at = first.findIndex((other) => isBefore(node, other))
    first.splice(at === -1 ? first.length : at, 0, node)
    first.length = Math.min(first.length, RING_NEIGHBOURS)
  }
  return first
}
