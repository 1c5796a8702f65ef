import type { Sample, Tally } from './sample.js'

/** What happened between two samples. */
export interface Figures {
  /** Requests or calls a second. */
  readonly rate: number
  /** The share of them that failed: 0 to 1. */
  readonly failed: number
  /** How many took how long, in this time. */
  readonly slots: readonly number[]
}

/** Undefined if the counters went back: then they are of another start. */
export function figuresOf(before: Tally, after: Tally, ms: number): Figures | undefined {
  const count = after.count - before.count
  const failed = after.failed - before.failed
  if (count < 0 || failed < 0 || ms <= 0) return undefined
  const slots = after.slots.map((n, slot) => Math.max(0, n - (before.slots[slot] ?? 0)))
  return { rate: (count * 1000) / ms, failed: share(failed, count), slots }
}

/** The same of several instances together. */
export function sum(all: readonly Figures[]): Figures {
  const rate = all.reduce((total, figures) => total + figures.rate, 0)
  const failed = all.reduce((total, figures) => total + figures.rate * figures.failed, 0)
  const length = Math.max(0, ...all.map(({ slots }) => slots.length))
  const slots = Array.from({ length }, (_, slot) =>
    all.reduce((total, figures) => total + (figures.slots[slot] ?? 0), 0),
  )
  return { rate, failed: share(failed, rate), slots }
}

/** Failures may outnumber the calls of a moment: they belong to calls that began before it. */
export function share(part: number, whole: number): number {
  if (part <= 0) return 0
  return whole > 0 ? Math.min(1, part / whole) : 1
}

/** The bound of the first slot, in milliseconds. The bounds double, as `StatsReport` says; the last slot has none. */
const FIRST_BOUND_MS = 0.25
const LAST_SLOT = 17

/** Milliseconds within which this share of them was done, as a straight line within the slot. Undefined if there was none. */
export function percentile(slots: readonly number[], of: number): number | undefined {
  const total = slots.reduce((all, n) => all + n, 0)
  if (total === 0) return undefined
  let rest = total * of
  for (const [slot, n] of slots.entries()) {
    if (n > 0 && rest <= n) {
      const upper = FIRST_BOUND_MS * 2 ** slot
      const lower = slot === 0 ? 0 : upper / 2
      if (slot >= LAST_SLOT) return lower
      return lower + (upper - lower) * (rest / n)
    }
    rest -= n
  }
  return undefined
}

/** Samples of one instance over the last seconds. */
export class Window {
  readonly #samples: Sample[] = []
  readonly #ms: number

  constructor(ms: number) {
    this.#ms = ms
  }

  add(sample: Sample): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && sample.served.count < last.served.count) this.#samples.length = 0
    this.#samples.push(sample)
    // The first of those that are left is the last that is as old as the window, so that the window is full.
    while ((this.#samples[1]?.at ?? sample.at) <= sample.at - this.#ms) this.#samples.shift()
  }

  get first(): Sample | undefined {
    return this.#samples[0]
  }

  get last(): Sample | undefined {
    return this.#samples.at(-1)
  }

  /** Undefined until there are two samples. */
  get span(): { before: Sample; after: Sample; ms: number } | undefined {
    const { first, last } = this
    if (first === undefined || last === undefined || first === last) return undefined
    return { before: first, after: last, ms: last.at - first.at }
  }
}
