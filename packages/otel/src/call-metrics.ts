import type { Histogram, Meter, UpDownCounter } from '@opentelemetry/api'
import type { CallContext } from '@sleuth/core'
import { commonAttributes, outcomeAttributes } from './attributes.js'

/** The bounds that the conventions advise, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** The metrics of HTTP clients, for sleuth's calls. */
export class CallMetrics {
  readonly #startedAt = new WeakMap<CallContext, number>()
  readonly #duration: Histogram
  readonly #active: UpDownCounter

  constructor(meter: Meter) {
    this.#duration = meter.createHistogram('http.client.request.duration', {
      description: 'Duration of HTTP client requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDS },
    })
    this.#active = meter.createUpDownCounter('http.client.active_requests', {
      description: 'Number of active HTTP requests.',
      unit: '{request}',
    })
  }

  start(call: CallContext): void {
    this.#startedAt.set(call, performance.now())
    this.#active.add(1, commonAttributes(call))
  }

  end(call: CallContext): void {
    const startedAt = this.#startedAt.get(call)
    if (startedAt === undefined) return
    this.#startedAt.delete(call)
    this.#active.add(-1, commonAttributes(call))
    const seconds = (performance.now() - startedAt) / 1000
    this.#duration.record(seconds, { ...commonAttributes(call), ...outcomeAttributes(call) })
  }
}
