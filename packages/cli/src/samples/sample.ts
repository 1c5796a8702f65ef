// A report of another node is JSON that it wrote: each value is checked, and lists are cut.

import { type Fields, list, object } from './fields.js'

/** The most callers, and the most services that it calls, that the map keeps of one instance. */
const MOST_NEIGHBOURS = 256
const MOST_SLOTS = 18
/** Where a report sums up those that it has no room for: nobody knows who they are. */
const OTHERS = '<other>'

/** The counters of one instance when it was asked. */
export interface Sample {
  /** Milliseconds of the map's clock. */
  readonly at: number
  readonly served: Tally
  readonly refused: number
  readonly inflight: number
  /** Milliseconds for which its event loop worked, and for which it waited. */
  readonly loop: { readonly active: number; readonly idle: number }
  /** What it calls, by the service. */
  readonly calls: ReadonlyMap<string, Tally>
  /** Calls to names that nobody offers, all together. */
  readonly astray: Tally
  /** Who calls it, by the id of the node. */
  readonly callers: ReadonlyMap<string, Caller>
}

/** Requests or calls since the start. */
export interface Tally {
  readonly count: number
  readonly failed: number
  /** How many took how long: see `percentile`. */
  readonly slots: readonly number[]
}

interface Caller {
  readonly service: string | undefined
  readonly count: number
  readonly failed: number
}

export const NOTHING: Tally = { count: 0, failed: 0, slots: [] }

export function readSample(report: unknown, at: number): Sample {
  const { stats, served, calls, callers, process } = object(report)
  const { refused, inflight } = object(stats)
  return {
    at,
    served: readServed(object(served)),
    refused: count(refused),
    inflight: count(inflight),
    loop: readLoop(object(object(process).loop)),
    calls: new Map(
      Object.entries(object(calls))
        .filter(([service]) => service !== OTHERS)
        .slice(0, MOST_NEIGHBOURS)
        .map(([service, tally]) => [service, readCalls(object(tally))]),
    ),
    astray: readAstray(object(object(calls)[OTHERS])),
    callers: readCallers(callers),
  }
}

function readServed({ requests, statuses, slots }: Fields): Tally {
  return { count: count(requests), failed: count(object(statuses)['5xx']), slots: readSlots(slots) }
}

function readCalls({ calls, errors, slots }: Fields): Tally {
  return { count: count(calls), failed: count(errors), slots: readSlots(slots) }
}

/** Those that got an answer went to a service for which the report has no room. */
function readAstray({ errors }: Fields): Tally {
  return { count: count(errors), failed: count(errors), slots: [] }
}

function readCallers(value: unknown): Map<string, Caller> {
  const callers = new Map<string, Caller>()
  for (const entry of list(value).slice(0, MOST_NEIGHBOURS)) {
    const { id, service, requests, statuses } = object(entry)
    if (typeof id !== 'string' || id === OTHERS) continue
    callers.set(id, {
      service: typeof service === 'string' ? service : undefined,
      count: count(requests),
      failed: count(object(statuses)['5xx']),
    })
  }
  return callers
}

function readSlots(value: unknown): number[] {
  return Array.isArray(value) ? value.slice(0, MOST_SLOTS).map(count) : []
}

function readLoop({ active, idle }: Fields): Sample['loop'] {
  return { active: count(active), idle: count(idle) }
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0
}
