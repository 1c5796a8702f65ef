// The view as flat rows, with numbers as the page shows them: what can't be seen is not sent.

import type { Row, Rows, Value } from './delta.js'
import { type Figures, percentile } from './figures.js'
import { headlineOf } from './headline.js'
import type { Network } from './network.js'
import { viewOf } from './view.js'

/** The most calls between services that are drawn: those that are called most. */
const MOST_EDGES = 1000

/** Gives each service a short key, and the same each time. */
export class ServiceKeys {
  readonly #keys = new Map<string, number>()

  of(service: string | undefined): number {
    if (service === undefined) return 0
    const known = this.#keys.get(service)
    if (known !== undefined) return known
    const key = this.#keys.size + 1
    this.#keys.set(service, key)
    return key
  }
}

export function rowsOf(network: Network, keys: ServiceKeys): Rows {
  const view = viewOf(network)
  const rows = new Map<string, Row>()
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
      versions,
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
