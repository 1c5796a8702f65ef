import type { Column } from '../output/table.js'
import { shortTime } from '../output/time.js'
import { figuresOf, percentile, share, type Window } from '../samples/figures.js'

/** How an instance does, over the last seconds. Undefined: it did not tell, or only once. */
export interface Rates {
  readonly service: string
  readonly name: string
  readonly id: string
  /** Requests per second. */
  readonly requests?: number | undefined
  /** Those of them per second whose status is 5xx. */
  readonly errors?: number | undefined
  /** Requests that the handler has not finished now. */
  readonly inflight?: number | undefined
  /** Milliseconds; undefined without requests. */
  readonly p50?: number | undefined
  readonly p95?: number | undefined
  readonly p99?: number | undefined
  /** The share of time in which the event loop worked: 0 to 1. */
  readonly loop?: number | undefined
}

export const columns: readonly Column[] = [
  { title: 'SERVICE' },
  { title: 'INSTANCE' },
  { title: 'REQ/S', align: 'right' },
  { title: 'ERR/S', align: 'right' },
  { title: 'INFLIGHT', align: 'right' },
  { title: 'P50', align: 'right' },
  { title: 'P95', align: 'right' },
  { title: 'P99', align: 'right' },
  { title: 'LOOP', align: 'right' },
]

type Who = Pick<Rates, 'service' | 'name' | 'id'>

export function ratesOf(who: Who, { last, span }: Window): Rates {
  const now = { ...who, inflight: last?.inflight }
  const figures = span && figuresOf(span.before.served, span.after.served, span.ms)
  if (span === undefined || figures === undefined) return now
  const { rate, failed, slots } = figures
  const active = span.after.loop.active - span.before.loop.active
  const idle = span.after.loop.idle - span.before.loop.idle
  return {
    ...now,
    requests: rate,
    errors: rate * failed,
    p50: percentile(slots, 0.5),
    p95: percentile(slots, 0.95),
    p99: percentile(slots, 0.99),
    loop: share(active, active + idle),
  }
}

export function cellsOf({ service, name, requests, errors, inflight, p50, p95, p99, loop }: Rates): string[] {
  const or = (value: number | undefined, text: (value: number) => string) =>
    value === undefined ? '' : text(value)
  return [
    service,
    name,
    or(requests, decimal),
    or(errors, decimal),
    or(inflight, String),
    or(p50, shortTime),
    or(p95, shortTime),
    or(p99, shortTime),
    or(loop, (of) => `${Math.round(of * 100)}%`),
  ]
}

function decimal(value: number): string {
  return value === 0 ? '0' : value.toFixed(value < 10 ? 1 : 0)
}
