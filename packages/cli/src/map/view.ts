// Services with their instances, as they are now: from what the map remembers to what it shows.

import { type Figures, figuresOf, share, sum } from '../samples/figures.js'
import { type Edge, edgesOf } from './edges.js'
import { BAD_SHARE, healthOf, onlyFails } from './health.js'
import type { Gone, Member, Network } from './network.js'
import { isOrderly, type Level, percent, plural, reasonOf, type State, worst } from './words.js'

interface InstanceView {
  readonly key: number
  readonly id: string
  readonly name: string
  readonly version: string
  readonly endpoint: string
  readonly here: boolean
  readonly state: State
  readonly figures: Figures | undefined
}

/** Who calls names that nobody offers, and how often in a second. */
interface Astray {
  readonly from: string
  readonly rate: number
}

export interface ServiceView {
  readonly service: string
  readonly instances: readonly InstanceView[]
  readonly here: number
  /** Those that went without saying so, and have no successor. */
  readonly lost: readonly Gone[]
  readonly state: State
  /** Of those that tell figures. Undefined if none does. */
  readonly figures: Figures | undefined
  /** The calls to it that failed, as a share: no answer, or one that says so (5xx). */
  readonly failed: number
  readonly called: number
}

export interface View {
  readonly services: readonly ServiceView[]
  /** Nodes that only call. */
  readonly callers: readonly Member[]
  readonly edges: readonly Edge[]
  readonly astray: readonly Astray[]
}

export function viewOf(network: Network): View {
  const edges = edgesOf(network.members.values())
  const members = groupBy(network.members.values(), ({ service }) => service)
  const gone = groupBy(network.gone.values(), ({ service }) => service)
  const names = new Set<string>()
  for (const name of members.keys()) if (name !== undefined) names.add(name)
  for (const name of gone.keys()) names.add(name)
  for (const { to, rate } of edges) if (rate > 0) names.add(to)
  const services = [...names].sort().map((service) =>
    serviceOf(
      service,
      members.get(service) ?? [],
      gone.get(service) ?? [],
      edges.filter(({ to }) => to === service),
    ),
  )
  return {
    services,
    callers: members.get(undefined) ?? [],
    edges: edges.filter(({ to }) => names.has(to)),
    astray: [...members.entries()].flatMap(([service, list]) => astrayOf(service, list)),
  }
}

function serviceOf(
  service: string,
  members: readonly Member[],
  gone: readonly Gone[],
  edges: readonly Edge[],
): ServiceView {
  const instances = [...members.map(present), ...gone.map(absent)].sort((a, b) => a.key - b.key)
  const told = instances.flatMap(({ figures }) => (figures === undefined ? [] : [figures]))
  const called = edges.reduce((all, { rate }) => all + rate, 0)
  const failures = edges.reduce((all, { rate, failed }) => all + rate * failed, 0)
  const figures = told.length > 0 ? sum(told) : undefined
  const rate = Math.max(called, figures?.rate ?? 0)
  const failed = share(Math.max(failures, (figures?.rate ?? 0) * (figures?.failed ?? 0)), rate)
  const lost = gone.filter(({ reason }) => !isOrderly(reason))
  const state = stateOf(instances, members.length, lost.length, failed, rate)
  return { service, instances, here: members.length, lost, state, figures, failed, called: rate }
}

function present({ key, id, name, instance, endpoint, window, silence }: Member): InstanceView {
  const { state, figures } = healthOf(window, silence, instance?.ready ?? true)
  return { key, id, name, version: instance?.version ?? '', endpoint, here: true, state, figures }
}

function absent({ key, instance, reason }: Gone): InstanceView {
  const orderly = isOrderly(reason)
  const state: State = {
    level: orderly ? 'none' : 'bad',
    words: `${orderly ? 'left' : 'gone'}: ${reasonOf(reason)}`,
  }
  const { id, name, version, endpoint } = instance
  return { key, id, name, version, endpoint, here: false, state, figures: undefined }
}

function stateOf(
  instances: readonly InstanceView[],
  here: number,
  lost: number,
  failed: number,
  rate: number,
): State {
  if (here === 0) return { level: 'bad', words: lost > 0 ? 'all of it has gone' : 'nobody offers it' }
  if (failed >= BAD_SHARE) return { level: 'bad', words: `${percent(failed)} of calls to it fail` }
  if (lost > 0) return { level: 'bad', words: `${lost} of ${here + lost} gone` }
  const troubled = instances.filter(
    ({ here, state }) => here && (state.level === 'bad' || state.level === 'note'),
  )
  if (failed > 0 && troubled.every(({ state }) => onlyFails(state))) {
    return { level: 'note', words: `${percent(failed)} of calls to it fail` }
  }
  const [first] = troubled
  if (first !== undefined) {
    const level: Level = worst(troubled.map(({ state }) => state.level))
    const words =
      instances.length === 1 ? first.state.words : `${plural(troubled.length, 'instance')} in trouble`
    return { level, words }
  }
  if (instances.every(({ here, state }) => !here || state.level === 'none'))
    return { level: 'none', words: 'up' }
  return { level: 'good', words: rate > 0 ? 'works' : 'idle' }
}

function astrayOf(service: string | undefined, members: readonly Member[]): Astray[] {
  const rate = members.reduce((all, { window: { span } }) => {
    return all + (span ? (figuresOf(span.before.astray, span.after.astray, span.ms)?.rate ?? 0) : 0)
  }, 0)
  const from = service ?? (members.length === 1 ? (members[0]?.name as string) : 'A caller without a service')
  return rate > 0 ? [{ from, rate }] : []
}

function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
