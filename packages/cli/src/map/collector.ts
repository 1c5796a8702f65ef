import { readSample } from '../samples/sample.js'
import type { Silence } from './health.js'
import type { Network } from './network.js'
import type { MapSource } from './source.js'

/** The most nodes that are asked at the same time. */
const AT_ONCE = 32
/** Milliseconds. */
const TIMEOUT = 2000
/** A node that can't or may not tell is asked again after so many rounds: it may have been started anew with other options. */
const ROUNDS_BETWEEN = 30

/** Asks every node how it does. */
export class Collector {
  readonly #source: MapSource
  readonly #network: Network
  readonly #now: () => number
  readonly #asked = new Set<string>()
  readonly #patience = new Map<string, number>()
  #waiting: string[] = []

  constructor(source: MapSource, network: Network, now: () => number) {
    this.#source = source
    this.#network = network
    this.#now = now
  }

  /** Resolves when all have answered. A node that has not answered the round before is not asked twice. */
  async round(signal: AbortSignal): Promise<void> {
    const { members } = this.#network
    for (const id of this.#patience.keys()) if (!members.has(id)) this.#patience.delete(id)
    this.#waiting = [...members.keys()].filter((id) => !this.#asked.has(id) && this.#mayAsk(id))
    const free = AT_ONCE - this.#asked.size
    await Promise.all(Array.from({ length: Math.max(0, free) }, () => this.#askNext(signal)))
  }

  #mayAsk(id: string): boolean {
    const rounds = this.#patience.get(id) ?? 0
    if (rounds > 0) this.#patience.set(id, rounds - 1)
    return rounds === 0
  }

  async #askNext(signal: AbortSignal): Promise<void> {
    for (let id = this.#waiting.shift(); id !== undefined && !signal.aborted; id = this.#waiting.shift()) {
      await this.#ask(id, signal)
    }
  }

  async #ask(id: string, signal: AbortSignal): Promise<void> {
    this.#asked.add(id)
    try {
      const report = await this.#source.inspect(id, 'stats', { timeout: TIMEOUT, signal })
      this.#network.sampled(id, readSample(report, this.#now()))
    } catch (error) {
      if (!signal.aborted) this.#network.silent(id, this.#silenceOf(id, error))
    } finally {
      this.#asked.delete(id)
    }
  }

  #silenceOf(id: string, error: unknown): Silence {
    const { code } = Object(error) as { code?: unknown }
    const silence =
      code === 'SLEUTH_INSPECT_REFUSED'
        ? 'refused'
        : code === 'SLEUTH_INSPECT_UNSUPPORTED'
          ? 'unable'
          : 'mute'
    if (silence !== 'mute') this.#patience.set(id, ROUNDS_BETWEEN)
    return silence
  }
}
