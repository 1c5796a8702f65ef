import { plain } from '../output/text.js'
import { shortTime } from '../output/time.js'

/** What was measured. Times are in milliseconds. */
export interface Result {
  /** Calls that have ended. */
  readonly calls: number
  readonly duration: number
  /** Responses by status. */
  readonly statuses: ReadonlyMap<number, number>
  /** Calls without a response, by code. */
  readonly errors: ReadonlyMap<string, number>
  /** Bytes of the bodies that came. */
  readonly bytes: number
  readonly latency: Latency
}

/** Of the calls that got a response; `null` if there was none. */
export type Latency = Readonly<
  Record<'min' | 'p50' | 'p75' | 'p90' | 'p95' | 'p99' | 'p999' | 'max', number>
> | null

/** Lines that begin with what they tell. */
export function resultLines({ calls, duration, statuses, errors, bytes, latency }: Result): string[] {
  const perSecond = (count: number) => (duration === 0 ? 0 : (count * 1000) / duration)
  const failed = [...errors.values()].reduce((sum, count) => sum + count, 0)
  const lines: [title: string, text: string][] = [
    ['calls', `${calls} in ${shortTime(duration)}`],
    ['rate', `${perSecond(calls).toFixed(calls < 100 ? 1 : 0)}/s`],
    ['status', counts(statuses)],
    ['failed', failed === 0 ? '0' : `${failed}  ${counts(errors)}`],
    ['read', `${size(bytes)}  ${size(perSecond(bytes))}/s`],
    ['latency', latency === null ? '-' : percentiles(latency)],
  ]
  return lines.map(([title, text]) => `${title.padEnd(9)}${text}`)
}

export function jsonOf(result: Result): object {
  const { calls, duration, statuses, errors, bytes, latency } = result
  const rate = duration === 0 ? 0 : (calls * 1000) / duration
  return {
    calls,
    duration,
    rate,
    statuses: Object.fromEntries(statuses),
    errors: Object.fromEntries(errors),
    bytes,
    latency,
  }
}

function counts(map: ReadonlyMap<string | number, number>): string {
  const sorted = [...map].sort(([one], [other]) => String(one).localeCompare(String(other)))
  return sorted.map(([what, count]) => `${plain(String(what))} ${count}`).join('  ') || '-'
}

function percentiles(latency: NonNullable<Latency>): string {
  const names = { p999: 'p99.9' } as Readonly<Record<string, string>>
  return Object.entries(latency)
    .map(([name, ms]) => `${names[name] ?? name} ${shortTime(ms)}`)
    .join('  ')
}

function size(bytes: number): string {
  const [unit, name] = (
    [
      [1e9, 'GB'],
      [1e6, 'MB'],
      [1e3, 'kB'],
    ] as const
  ).find(([least]) => bytes >= least) ?? [1, 'B']
  return `${unit === 1 ? Math.round(bytes) : (bytes / unit).toFixed(1)}${name}`
}
