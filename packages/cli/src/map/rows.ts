// The view as flat rows, with numbers as the page shows them: what can't be seen is not sent.

import { type Figures, percentile } from '../samples/figures.js'
import type { Row, Rows, Value } from './delta.js'
import { headlineOf } from './headline.js'
import type { Network } from './network.js'
import { viewOf } from './view.js'

/** The most calls between services that are drawn: those that are called most. */
const MOST_EDGES = 1000

/** The most versions of a service that are named. */
const MOST_VERSIONS = 4

/** Gives each service a short key, and the same as long as it is there. */
export class ServiceKeys {
  readonly #keys = new Map<string, number>()
  #last = 0

  of(service: string | undefined): number {
    if (service === undefined) return 0
    const known = this.#keys.get(service)
    if (known !== undefined) return known
    this.#last += 1
    this.#keys.set(service, this.#last)
    return this.#last
  }

  /** Forgets all others. */
  keep(services: ReadonlySet<string>): void {
    for (const service of this.#keys.keys()) if (!services.has(service)) this.#keys.delete(service)
  }

  get size(): number {
    return this.#keys.size
  }
}

export function rowsOf(network: Network, keys: ServiceKeys): Rows {
  const view = viewOf(network)
  const rows = new Map<string, Row>()
  keys.keep(new Set(view.services.map(({ service }) => service)))
  const { level, words, more } = headlineOf(view, network)
  rows.set('h', { level, words, more })
  if (view.callers.length > 0)
    rows.set('s:0', { name: '', nodes: view.callers.map(({ name }) => name).slice(0, 20) })
  for (const { service, instances, here, lost, state, figures, failed, called } of view.services) {
    const key = keys.of(service)
    const versions = [...new Set(instances.filter(({ here }) => here).map(({ version }) => version))]
    rows.set(`s:${key}`, {
      name: service,
      here,
      lost: lost.length,
      versions: versions.slice(0, MOST_VERSIONS),
      level: state.level,
      words: state.words,
      ...fields(figures ?? (called > 0 ? { rate: called, failed, slots: [] } : undefined), failed),
    })
    for (const instance of instances) {
      rows.set(`i:${instance.key}`, {
        id: instance.id,
        of: key,
        name: instance.name,
        version: instance.version,
        endpoint: instance.endpoint,
        here: instance.here,
        level: instance.state.level,
        words: instance.state.words,
        ...fields(instance.figures),
      })
    }
  }
  const busiest = view.edges.toSorted((a, b) => b.rate - a.rate).slice(0, MOST_EDGES)
  for (const edge of busiest) {
    const from = keys.of(edge.from)
    const to = keys.of(edge.to)
    rows.set(`e:${from}>${to}`, { from, to, ...fields(edge) })
  }
  for (const { key, at, service, name, level, words } of network.happenings) {
    rows.set(`t:${key}`, { at, service, name, level, words })
  }
  return rows
}

function fields(figures: Figures | undefined, failed = figures?.failed): Record<string, Value> {
  if (figures === undefined || failed === undefined) return {}
  const { rate, slots } = figures
  return {
    rate: rounded(rate),
    failed: rounded(failed),
    ...field('p50', percentile(slots, 0.5)),
    ...field('p95', percentile(slots, 0.95)),
    ...field('p99', percentile(slots, 0.99)),
  }
}

function field(name: string, value: number | undefined): Record<string, Value> {
  return value === undefined ? {} : { [name]: rounded(value) }
}

/** Two digits that count: more would change each second, and nobody could read them. */
function rounded(value: number): number {
  return Number(value.toPrecision(2))
}
