import { type Attributes, type Meter, metrics, type Observable } from '@opentelemetry/api'
import type { Sleuth, SleuthStats } from '@sleuth/core'

/** What is observed of a node. */
export type Observed = Pick<Sleuth, 'stats' | 'services'>

type Sample = [value: number, attributes?: Attributes]

/** Observes the counters of a node. Returns a function that ends it. `meter`: default that of the global provider. */
export function observe(sleuth: Observed, meter: Meter = metrics.getMeter('@sleuth/otel')): () => void {
  const samples = new Map<Observable, (stats: SleuthStats) => Sample[]>()
  const counter = (name: string, unit: string, of: (stats: SleuthStats) => Sample[]) =>
    samples.set(meter.createObservableCounter(name, { unit }), of)
  const upDown = (name: string, unit: string, of: (stats: SleuthStats) => Sample[]) =>
    samples.set(meter.createObservableUpDownCounter(name, { unit }), of)

  upDown('sleuth.peers', '{node}', ({ peers }) => [[peers]])
  upDown('sleuth.instances', '{instance}', () =>
    sleuth.services().map(({ service, instances }) => [instances.length, { 'sleuth.service': service }]),
  )
  counter('sleuth.call.retries', '{attempt}', ({ retries }) => [[retries]])
  counter('sleuth.call.hedges', '{attempt}', ({ hedges }) => [[hedges]])
  counter('sleuth.event.sent', '{event}', ({ eventsSent }) => [[eventsSent]])
  counter('sleuth.event.received', '{event}', ({ eventsReceived }) => [[eventsReceived]])
  counter('sleuth.event.errors', '{error}', ({ listenerErrors }) => [[listenerErrors]])
  counter('sleuth.request.refused', '{request}', ({ refused }) => [[refused]])
  upDown('sleuth.request.active', '{request}', ({ inflight }) => [[inflight]])
  counter('sleuth.dropped', '{message}', ({ dropped }) =>
    Object.entries(dropped).map(([reason, count]) => [count, { 'sleuth.reason': reason }]),
  )
  counter('sleuth.io', 'By', ({ bytesSent, bytesReceived }) => [
    [bytesSent, { 'network.io.direction': 'transmit' }],
    [bytesReceived, { 'network.io.direction': 'receive' }],
  ])

  const observables = [...samples.keys()]
  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const stats = sleuth.stats()
    for (const [observable, of] of samples)
      for (const [value, attributes] of of(stats)) result.observe(observable, value, attributes)
  }
  meter.addBatchObservableCallback(callback, observables)
  return () => meter.removeBatchObservableCallback(callback, observables)
}
