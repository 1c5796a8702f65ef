import type { Harm } from './harm.js'
import { type Ended, isIdempotent, mayHaveRun } from './traffic.js'

/** What docs/reliability.md promises, and was not kept: a line for each call that shows it. `ran`: the calls that ran. */
export function broken(calls: readonly Ended[], ran: readonly string[], harms: readonly Harm[]): string[] {
  const times = new Map<string, number>()
  for (const id of ran) times.set(id, (times.get(id) ?? 0) + 1)
  const says: string[] = []
  for (const call of calls) {
    const why = problemOf(call, times.get(call.id) ?? 0, harms)
    if (why !== undefined)
      says.push(`${call.id} at ${call.from.toFixed(0)} for ${(call.to - call.from).toFixed(0)} ms: ${why}`)
  }
  return says
}

function problemOf(call: Ended, ran: number, harms: readonly Harm[]): string | undefined {
  const { error, wrong, pid } = call
  if (wrong) return 'the answer is another'
  if (!isIdempotent(call) && ran > 1) return `it ran ${ran} times`
  if (error === undefined) return ran === 0 ? 'it was answered and did not run' : undefined
  const harm = harms.find((one) => isHarmedBy(call, one))
  // The head of an answer came, and its process was harmed before the rest.
  if (pid !== undefined) return harm?.pid === pid && harm.what !== 'restart' ? undefined : `cut off: ${error}`
  if (isIdempotent(call)) return `it failed: ${error}`
  if (!mayHaveRun(call)) return ran > 0 ? `it ran, and is said not to have: ${error}` : `it failed: ${error}`
  return harm === undefined || harm.what === 'restart'
    ? `nothing was wrong, and it failed: ${error}`
    : undefined
}

function isHarmedBy(call: Ended, { service, from, to, pid }: Harm): boolean {
  if (call.service !== service || call.to < from || call.from > to) return false
  return call.pid === undefined || call.pid === pid
}
