import type { Outcome } from './scene.js'

const columns = [
  'attack',
  'shows as',
  'MiB more at most',
  'MiB kept',
  'ms stalled at most',
  'calls',
  'failed',
]

/** What each attack cost: printed when all is over. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ name, seen, peak, kept, stall, calls, failed }) => [
    name,
    seen,
    peak.toFixed(1),
    kept.toFixed(1),
    stall.toFixed(0),
    String(calls),
    String(failed),
  ])
  const all = [columns, ...rows]
  const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  const lines = all.map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  '))
  return lines.map((line) => line.trimEnd()).join('\n')
}
