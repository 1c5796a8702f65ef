import type { Entry } from './entry.js'
import { describesSame, type MemberRecord } from './record.js'
import type { MembershipState } from './state.js'
import type { Effect } from './types.js'
import { mayReach } from './wanted.js'

/**
 * Tells which services of nodes without a link can be called, as far as records tell. Those with a link show themselves. While
 * there is to be a link to every node, one that there is none to yet is not shown: perhaps it can't be reached.
 */
export function showTouched(state: MembershipState): Effect[] {
  if (state.touched.size === 0) return []
  const effects: Effect[] = []
  for (const id of state.touched) {
    const effect = show(state, id, state.entries.get(id))
    if (effect !== undefined) effects.push(effect)
  }
  state.touched.clear()
  return effects
}

function show(state: MembershipState, id: string, entry: Entry | undefined): Effect | undefined {
  const { shown, tombstones, suspects, isSparse } = state
  const before = shown.get(id)
  if (entry?.linked) {
    shown.delete(id)
    return undefined
  }
  if (before === undefined) {
    if (entry === undefined || !isSparse || suspects.has(id) || !isOffered(state, entry)) return undefined
    return reveal(state, entry.record)
  }
  if (entry === undefined) return hide(state, before, tombstones.get(id)?.reason ?? 'expired')
  if (!isOffered(state, entry)) return hide(state, before, entry.record.service === '' ? 'left' : 'lost')
  return describesSame(before, entry.record) ? undefined : reveal(state, entry.record)
}

function isOffered(state: MembershipState, { record, isDoubtful }: Entry): boolean {
  const { service, endpoint } = record
  return service !== '' && !isDoubtful && mayReach(state, record) && state.config.mayConnect(endpoint)
}

function reveal(state: MembershipState, record: MemberRecord): Effect {
  state.shown.set(record.id, record)
  return { type: 'show', record }
}

function hide(state: MembershipState, record: MemberRecord, reason: HideReason): Effect {
  state.shown.delete(record.id)
  return { type: 'hide', id: record.id, reason }
}

type HideReason = (Effect & { type: 'hide' })['reason']
