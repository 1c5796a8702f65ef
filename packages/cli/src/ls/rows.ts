import type { Instance, Service } from '@sleuth/core'
import type { Column } from '../output/table.js'
import { age, shortTime } from '../output/time.js'

/** What an instance says of itself, and how long it took to say so. */
interface Asked {
  /** Milliseconds for the question and its answer. */
  readonly rtt: number
  /** When it started, by its own clock. */
  readonly started?: string | undefined
}

/** What is printed of one instance. */
export interface Row {
  readonly service: string
  readonly instance: Instance
  readonly asked?: Asked | undefined
}

const columns: readonly Column[] = [
  { title: 'SERVICE' },
  { title: 'INSTANCE' },
  { title: 'VERSION' },
  { title: 'ENDPOINT' },
  { title: 'WIRE', align: 'right' },
  { title: 'RTT', align: 'right' },
  { title: 'UPTIME', align: 'right' },
  { title: 'READY' },
]

/** Most networks have no labels, and lines that are short. So the last column is there where an instance has some. */
export function columnsOf(rows: readonly Row[]): readonly Column[] {
  return rows.some(({ instance }) => labelsOf(instance) !== '') ? [...columns, { title: 'LABELS' }] : columns
}

/** As `SLEUTH_META` has them: `zone=a,canary=true`. */
function labelsOf({ meta }: Instance): string {
  return Object.entries(meta)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** Every instance, by the names of services, instances and endpoints, so that two lists can be compared. */
export function rowsOf(services: readonly Service[], only?: string): Row[] {
  const rows = services
    .filter(({ service }) => only === undefined || service === only)
    .flatMap(({ service, instances }) => instances.map((instance) => ({ service, instance })))
  return rows.sort(
    (one, other) =>
      compare(one.service, other.service) ||
      compare(one.instance.name, other.instance.name) ||
      compare(one.instance.endpoint, other.instance.endpoint),
  )
}

/** With a cell for the labels, which `columnsOf` may leave out. */
export function cellsOf({ service, instance, asked }: Row, now: number): string[] {
  const { name, version, endpoint, wire, ready } = instance
  const up = uptime(asked, now)
  return [
    service,
    name,
    version,
    endpoint,
    String(wire),
    asked === undefined ? '' : shortTime(asked.rtt),
    up === undefined ? '' : age(up),
    ready ? 'yes' : 'no',
    labelsOf(instance),
  ]
}

export function jsonOf({ service, instance, asked }: Row, now: number): object {
  return { service, ...instance, rtt: asked && tenths(asked.rtt), uptime: uptime(asked, now) }
}

/** The time of one question has no more digits that mean anything. */
function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}

/** Milliseconds. The clocks of two hosts may differ. */
function uptime(asked: Asked | undefined, now: number): number | undefined {
  if (asked?.started === undefined) return undefined
  const since = Date.parse(asked.started)
  return Number.isNaN(since) ? undefined : Math.max(0, now - since)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
