/** Answers of a service that are remembered, and how many of them there must be for a percentile to mean something. */
const MAX_SAMPLES = 512
const MIN_SAMPLES = 20
/** A percentile is computed anew after so many answers. */
const REFRESH = 32

/** How long a service's recent answers took, in milliseconds. */
export class Latencies {
  readonly #samples: number[] = []
  readonly #percentiles = new Map<number, number>()
  #next = 0
  #fresh = 0

  record(milliseconds: number): void {
    this.#samples[this.#next] = milliseconds
    this.#next = (this.#next + 1) % MAX_SAMPLES
    if (++this.#fresh < REFRESH && this.#samples.length > MIN_SAMPLES) return
    this.#fresh = 0
    this.#percentiles.clear()
  }

  /** The time within which that share of the answers came, from 0 to 1. `Infinity` while there are too few. */
  percentile(share: number): number {
    if (this.#samples.length < MIN_SAMPLES) return Infinity
    let value = this.#percentiles.get(share)
    if (value === undefined) {
      const sorted = [...this.#samples].sort((one, other) => one - other)
      value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
      this.#percentiles.set(share, value)
    }
    return value
  }
}
