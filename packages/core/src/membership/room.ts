import { removeEntry } from './entries.js'
import type { Entry } from './entry.js'
import type { MembershipState } from './state.js'
import type { Effect } from './types.js'

/**
 * Makes room for one more record from a member. When the table is full, the member with the most unproven records loses its
 * oldest one. So a member that invents nodes displaces its own records only. Undefined: there is no room.
 */
export function makeRoom(state: MembershipState, from: string): Effect[] | undefined {
  const { entries, sources, config } = state
  if (entries.size < config.maxRecords) return []
  let [most, count] = ['', (sources.get(from) ?? 0) + 1]
  for (const [source, records] of sources) if (records > count) [most, count] = [source, records]
  const victim = most === '' ? undefined : oldestOf(entries.values(), most)
  if (victim === undefined) return undefined
  removeEntry(state, victim)
  return [{ type: 'down', record: victim.record, reason: 'expired' }]
}

function oldestOf(entries: Iterable<Entry>, source: string): Entry | undefined {
  for (const entry of entries) if (entry.source === source && !entry.linked) return entry
  return undefined
}
