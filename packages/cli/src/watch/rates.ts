import type { StatsReport } from '@sleuth/core'
import type { Column } from '../output/table.js'
import { shortTime } from '../output/time.js'

/** What an instance said of itself, and when. */
export interface Sample {
  readonly service: string
  readonly name: string
  readonly id: string
  /** Milliseconds, by a clock that only goes forward. */
  readonly at: number
  /** Undefined if it did not say. */
  readonly report?: StatsReport | undefined
}

/** How an instance does. A rate is per second since the sample before, and undefined for the first one. */
export interface Rates {
  readonly service: string
  readonly name: string
  readonly id: string
  readonly requests?: number | undefined
  /** Responses with a status from 500 on, and requests that ended without one. */
  readonly errors?: number | undefined
  readonly inflight?: number | undefined
  /** Milliseconds, since the instance started. */
  readonly p50?: number | undefined
  readonly p95?: number | undefined
  readonly p99?: number | undefined
  /** The share of time in which the event loop worked: 0 to 1. */
  readonly loop?: number | undefined
  /** Bytes. */
  readonly memory?: number | undefined
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
  { title: 'MEMORY', align: 'right' },
]

export function ratesOf({ service, name, id, at, report }: Sample, before: Sample | undefined): Rates {
  if (report === undefined) return { service, name, id }
  const { served, stats, process } = report
  const now = {
    service,
    name,
    id,
    inflight: stats.inflight,
    p50: served.p50 ?? undefined,
    p95: served.p95 ?? undefined,
    p99: served.p99 ?? undefined,
    memory: process.rss,
  }
  const old = before?.report
  if (before === undefined || old === undefined || at <= before.at) return now
  const rate = (count: (report: StatsReport) => number) =>
    ((count(report) - count(old)) * 1000) / (at - before.at)
  const active = process.loop.active - old.process.loop.active
  const idle = process.loop.idle - old.process.loop.idle
  return {
    ...now,
    requests: rate(({ served }) => served.requests),
    errors: rate(({ served }) => (served.statuses['5xx'] ?? 0) + served.aborted),
    loop: active + idle > 0 ? active / (active + idle) : 0,
  }
}

export function cellsOf({
  service,
  name,
  requests,
  errors,
  inflight,
  p50,
  p95,
  p99,
  loop,
  memory,
}: Rates): string[] {
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
    or(loop, (share) => `${Math.round(share * 100)}%`),
    or(memory, (bytes) => `${Math.round(bytes / 1e6)}MB`),
  ]
}

function decimal(value: number): string {
  return value === 0 ? '0' : value.toFixed(value < 10 ? 1 : 0)
}
