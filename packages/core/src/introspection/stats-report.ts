import type { CallerCounts } from '../shared/caller-counts.js'
import type { Durations } from '../shared/durations.js'
import type { CallCounts, Counters } from '../shared/stats.js'
import type {
  CallerStats,
  DurationSlots,
  DurationStats,
  ProcessStats,
  RequestStats,
  ServiceCallStats,
  SleuthStats,
  StatsReport,
} from '../types.js'

/** How this node does, since it started. */
export function statsReport(stats: SleuthStats, counters: Counters): StatsReport {
  const { callsOf, callers, requestDurations } = counters
  const total = callers.total()
  const listed = callers.all()
  if (callers.others.requests > 0) listed.push(callers.others)
  return {
    stats,
    served: { ...requestStats(total), ...durationSlots(requestDurations) },
    calls: Object.fromEntries(Array.from(callsOf, ([service, counts]) => [service, callStats(counts)])),
    callers: listed.map(callerStats),
    process: processStats(),
  }
}

function callStats(counts: CallCounts): ServiceCallStats {
  const { errors, retries, hedges, unsent, count } = counts
  return { calls: count + unsent, errors, retries, hedges, ...durationSlots(counts) }
}

function callerStats(counts: CallerCounts): CallerStats {
  const { id, name, service } = counts
  return { id, name, service, ...requestStats(counts), ...durationStats(counts) }
}

function requestStats({ requests, aborted, statuses }: CallerCounts): RequestStats {
  const classes: Record<string, number> = {}
  for (const [first, count] of statuses.entries()) if (count > 0) classes[`${first}xx`] = count
  return { requests, aborted, statuses: classes }
}

function durationSlots(durations: Durations): DurationSlots {
  const { slots } = durations
  return { ...durationStats(durations), slots: [...slots.slice(0, slots.findLastIndex((n) => n > 0) + 1)] }
}

function durationStats(durations: Durations): DurationStats {
  return {
    p50: percentile(durations, 0.5),
    p95: percentile(durations, 0.95),
    p99: percentile(durations, 0.99),
  }
}

/** More digits than two would say more than is known. */
function percentile(durations: Durations, share: number): number | null {
  return durations.count === 0 ? null : Number(durations.quantile(share).toPrecision(2))
}

/** A histogram of the event loop's delays would wake the process up all the time: how busy the loop was costs nothing. */
function processStats(): ProcessStats {
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const { active, idle } = performance.eventLoopUtilization()
  return {
    rss,
    heapUsed,
    uptime: Math.round(process.uptime() * 1000),
    cpu: Math.round((user + system) / 1000),
    loop: { active: Math.round(active), idle: Math.round(idle) },
  }
}
