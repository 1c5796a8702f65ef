import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api'
import type { AttemptMessage, CallContext } from '@sleuth/core'
import { CallMetrics } from './call-metrics.js'
import { CallSpans } from './call-spans.js'

const { name, version } = createRequire(import.meta.url)('@sleuth/otel/package.json') as {
  name: string
  version: string
}

export interface SleuthInstrumentationConfig {
  /** `false`: it does nothing until `enable()`. Default `true`. */
  enabled?: boolean | undefined
  /** `true`: each attempt of a call has a span of its own below that of the call. Default: further attempts are events. */
  attempts?: boolean | undefined
}

const calls = tracingChannel<unknown, object>('sleuth.call')

/**
 * Traces and measures the calls of every node in the process. It listens to sleuth's channels and patches no module, so it may
 * be made before or after sleuth is loaded. It has the shape of an `Instrumentation` for `registerInstrumentations`.
 */
export class SleuthInstrumentation {
  readonly instrumentationName = name
  readonly instrumentationVersion = version
  readonly #spans = new CallSpans()
  #config: SleuthInstrumentationConfig
  #tracerProvider: TracerProvider | undefined
  #metrics: CallMetrics
  #enabled = false

  constructor(config: SleuthInstrumentationConfig = {}) {
    this.#config = { ...config }
    this.#metrics = new CallMetrics(metrics.getMeter(name, version))
    if (config.enabled !== false) this.enable()
  }

  enable(): void {
    if (this.#enabled) return
    this.#enabled = true
    calls.start.subscribe(this.#start)
    calls.asyncEnd.subscribe(this.#end)
    subscribe('sleuth.attempt', this.#attempt)
  }

  /** A call that is under way still ends its span. */
  disable(): void {
    if (!this.#enabled) return
    this.#enabled = false
    calls.start.unsubscribe(this.#start)
    unsubscribe('sleuth.attempt', this.#attempt)
  }

  setTracerProvider(provider: TracerProvider): void {
    this.#tracerProvider = provider
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#metrics = new CallMetrics(provider.getMeter(name, version))
  }

  setConfig(config: SleuthInstrumentationConfig): void {
    this.#config = { ...config }
  }

  getConfig(): SleuthInstrumentationConfig {
    return this.#config
  }

  get #spanOptions() {
    const provider = this.#tracerProvider ?? trace.getTracerProvider()
    return { tracer: provider.getTracer(name, version), attempts: this.#config.attempts === true }
  }

  readonly #start = (message: unknown): void => {
    this.#metrics.start(message as CallContext)
    this.#spans.start(message as CallContext, this.#spanOptions)
  }

  readonly #attempt = (message: unknown): void => {
    this.#spans.attempt(message as AttemptMessage, this.#spanOptions)
  }

  readonly #end = (message: unknown): void => {
    this.#spans.end(message as CallContext)
    this.#metrics.end(message as CallContext)
  }
}
