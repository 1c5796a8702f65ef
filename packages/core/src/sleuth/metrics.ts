import type { Durations } from '../shared/durations.js'
import { MAX_SERVICES, OTHER_SERVICES } from '../shared/stats.js'
import type { Service, SleuthStats } from '../types.js'

/** What `metricsText` tells of. */
export interface Metrics {
  readonly stats: SleuthStats
  readonly services: readonly Service[]
  /** How long calls took, by service. */
  readonly calls: ReadonlyMap<string, Durations>
  readonly requests: Durations
}

type Kind = 'counter' | 'gauge' | 'histogram'
type Labels = Readonly<Record<string, string>>

/** The counters of a node as OpenMetrics text (version 1.0.0), which Prometheus reads. */
export function metricsText({ stats, services, calls, requests }: Metrics): string {
  const text = new Text()
  text.counter('calls', 'Calls made.', stats.calls)
  text.counter('answers', 'Calls that got a response.', stats.answers)
  text.counters('errors', 'Calls and waits that failed.', 'code', stats.errors)
  text.counter('retries', 'Attempts after one that failed.', stats.retries)
  text.counter('hedges', 'Attempts beside one that took long.', stats.hedges)
  text.gauge('calls_pending', 'Calls that wait for a response.', stats.pending)
  text.counter('emits', 'Events emitted.', stats.emits)
  text.counter('events_sent', 'Events handed to subscribers, one for each.', stats.eventsSent)
  text.counter('events_received', 'Events that came for a listener.', stats.eventsReceived)
  text.counter('listener_errors', 'Listeners of events that failed.', stats.listenerErrors)
  text.counter('requests', 'Requests that the handler got.', stats.requests)
  text.counter('replies', 'Responses sent.', stats.replies)
  text.counter('refused', 'Requests that were refused.', stats.refused)
  text.gauge('requests_inflight', 'Requests that the handler has not finished.', stats.inflight)
  text.gauge('requests_abandoned', 'Requests in flight that nobody waits for.', stats.abandoned)
  text.counters('dropped', 'Messages of others that were dropped.', 'reason', stats.dropped)
  text.counter('sent_bytes', 'Bytes sent.', stats.bytesSent)
  text.counter('received_bytes', 'Bytes received.', stats.bytesReceived)
  text.gauge('peers', 'Nodes that are present.', stats.peers)
  text.head('instances', 'gauge', 'Instances that are known.')
  for (const [service, count] of instancesOf(services)) text.sample('instances', { service }, count)
  text.head('call_duration_seconds', 'histogram', 'Time of calls that were sent, with all attempts.')
  for (const [service, durations] of calls) {
    if (durations.count > 0) text.histogram('call_duration_seconds', { service }, durations)
  }
  text.head('request_duration_seconds', 'histogram', 'Time of requests, to the end of the response.')
  text.histogram('request_duration_seconds', {}, requests)
  return text.ended()
}

/** Others decide how many services there are, so the list of labels has a bound. */
function instancesOf(services: readonly Service[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { service, instances } of services) {
    const label = counts.size < MAX_SERVICES ? service : OTHER_SERVICES
    counts.set(label, (counts.get(label) ?? 0) + instances.length)
  }
  return counts
}

class Text {
  #text = ''

  head(name: string, kind: Kind, help: string): void {
    this.#text += `# TYPE sleuth_${name} ${kind}\n`
    const unit = /(?:seconds|bytes)$/.exec(name)?.[0]
    if (unit !== undefined) this.#text += `# UNIT sleuth_${name} ${unit}\n`
    this.#text += `# HELP sleuth_${name} ${help}\n`
  }

  sample(name: string, labels: Labels, value: number): void {
    const list = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
    const braces = list.length === 0 ? '' : `{${list.join(',')}}`
    this.#text += `sleuth_${name}${braces} ${value}\n`
  }

  counter(name: string, help: string, value: number): void {
    this.head(name, 'counter', help)
    this.sample(`${name}_total`, {}, value)
  }

  counters(name: string, help: string, label: string, values: Readonly<Record<string, number>>): void {
    this.head(name, 'counter', help)
    for (const [text, value] of Object.entries(values)) this.sample(`${name}_total`, { [label]: text }, value)
  }

  gauge(name: string, help: string, value: number): void {
    this.head(name, 'gauge', help)
    this.sample(name, {}, value)
  }

  histogram(name: string, labels: Labels, durations: Durations): void {
    const { count, sum } = durations
    for (const [bound, within] of durations.cumulative())
      this.sample(`${name}_bucket`, { ...labels, le: String(bound) }, within)
    this.sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count)
    this.sample(`${name}_count`, labels, count)
    this.sample(`${name}_sum`, labels, sum / 1000)
  }

  ended(): string {
    return `${this.#text}# EOF\n`
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}
