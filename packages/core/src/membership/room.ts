import { type Entry, type MembershipState, removeEntry } from './state.js'
import type { Effect } from './types.js'

/**
 * Makes room for one more record that a member tells. When all is full, the member that has told most without proof gives up its
 * oldest record, so that one who tells of many keeps out nobody but its own. Undefined: there is no room.
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
