import type { Link } from './link-state.js'
import type { PartStep } from './message.js'
import { send } from './news.js'
import { drop, type MembershipState } from './state.js'
import type { Effect } from './types.js'
import { choose, isWanted } from './wanted.js'

/** A link stays for so many milliseconds after it was made, whatever it was made for. */
export const LINGER_MS = 30_000
/** Links that are asked about in one sweep: a large network that has just formed has many too many. */
const MAX_ASKS = 16
/** After so many milliseconds without an answer the question counts as lost. */
const ASK_AGAIN_MS = 10_000

/** Asks the other ends of links that this member does not want whether they want them. */
export function askToPart(state: MembershipState, now: number): Effect[] {
  if (!state.isSparse) return []
  choose(state)
  const effects: Effect[] = []
  let asks = 0
  for (const link of state.links.values()) {
    if (asks >= MAX_ASKS) break
    const isDue = link.isParting
      ? now - link.partAskedAt >= ASK_AGAIN_MS
      : now - link.since >= LINGER_MS && !link.isHeldByOther && mayPart(state, link, now)
    if (!isDue) continue
    asks++
    // From here on nothing else is said over the link, so that nothing is lost when the other end closes it.
    if (!link.isParting) effects.push({ type: 'parting', id: link.id })
    link.isParting = true
    link.partAskedAt = now
    effects.push(say(link, 'ask'))
  }
  return effects
}

export function onPart(state: MembershipState, link: Link, step: PartStep, now: number): Effect[] {
  const { id } = link
  switch (step) {
    case 'ask':
      // Both have asked: each knows what the other wants.
      if (link.isParting) return [{ type: 'part', id }]
      if (mayPart(state, link, now)) return [say(link, 'agree'), { type: 'part', id }]
      // From now on it is for this member to ask.
      link.isHeldByOther = false
      return [say(link, 'refuse')]
    case 'agree':
      return link.isParting ? [{ type: 'part', id }] : [drop('membership-unasked', id)]
    case 'refuse':
      if (!link.isParting) return [drop('membership-unasked', id)]
      link.isParting = false
      link.isHeldByOther = true
      return [{ type: 'stays', id }]
  }
}

function mayPart(state: MembershipState, link: Link, now: number): boolean {
  const { id, parts } = link
  const entry = state.entries.get(id)
  if (!state.isSparse || !parts || entry === undefined) return false
  return !isWanted(state, entry, now) && !state.config.isBusy(id)
}

function say(link: Link, step: PartStep): Effect {
  return send(link, { type: 'part', step })
}
