import { createHistogram, performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import type { LeanResponse } from '@sleuth/core'
import type { Latency, Result } from './result.js'

/** When a load ends: with whatever comes first. */
interface End {
  readonly calls: number
  /** Milliseconds. */
  readonly duration: number
}

/** Keeps so many calls under way, each as soon as another has ended, and counts what becomes of them. */
export class Load {
  readonly #call: () => Promise<LeanResponse>
  readonly #end: End
  /** In microseconds. */
  readonly #times = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })
  readonly #statuses = new Map<number, number>()
  readonly #errors = new Map<string, number>()
  readonly #started = performance.now()
  #begun = 0
  #ended = 0
  #bytes = 0
  #stopped: number | undefined

  constructor(call: () => Promise<LeanResponse>, end: End) {
    this.#call = call
    this.#end = end
  }

  async run(concurrency: number): Promise<void> {
    await Promise.all(Array.from({ length: concurrency }, () => this.#caller()))
    this.stop()
  }

  /** What is under way does not count any more. */
  stop(): void {
    this.#stopped ??= performance.now()
  }

  get calls(): number {
    return this.#ended
  }

  result(): Result {
    return {
      calls: this.#ended,
      duration: (this.#stopped ?? performance.now()) - this.#started,
      statuses: this.#statuses,
      errors: this.#errors,
      bytes: this.#bytes,
      latency: this.#latency(),
    }
  }

  async #caller(): Promise<void> {
    while (this.#goesOn(performance.now())) {
      this.#begun++
      const begun = performance.now()
      try {
        const { status, body } = await this.#call()
        if (this.#stopped !== undefined) return
        this.#times.record(Math.max(1, Math.round((performance.now() - begun) * 1000)))
        this.#bytes += body.length
        this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
      } catch (error) {
        if (this.#stopped !== undefined) return
        const { code = 'ERROR' } = error as { code?: string }
        this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1)
        // A call may fail at once, and would leave no time for anything else.
        await turn()
      }
      this.#ended++
    }
  }

  #goesOn(now: number): boolean {
    const { calls, duration } = this.#end
    return this.#stopped === undefined && this.#begun < calls && now - this.#started < duration
  }

  #latency(): Latency {
    const times = this.#times
    if (times.count === 0) return null
    const at = (percent: number) => times.percentile(percent) / 1000
    return {
      min: times.min / 1000,
      p50: at(50),
      p75: at(75),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      max: times.max / 1000,
    }
  }
}
