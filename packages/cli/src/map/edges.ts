// Who calls whom: what callers count, and what those that are called count.

import { type Figures, figuresOf, share } from '../samples/figures.js'
import { NOTHING, type Tally } from '../samples/sample.js'
import type { Member } from './network.js'

/** One service, or the callers without one, calls a service. */
export interface Edge {
  /** Undefined: nodes that offer no service. */
  readonly from: string | undefined
  readonly to: string
  readonly rate: number
  readonly failed: number
  readonly slots: readonly number[]
}

interface Sums {
  readonly from: string | undefined
  readonly to: string
  /** As callers count: their failures are calls without an answer. */
  called: Figures[]
  /** As the called count: their failures are answers that say so (5xx). */
  served: Figures[]
}

export function edgesOf(members: Iterable<Member>): Edge[] {
  const edges = new Map<string, Sums>()
  const at = (from: string | undefined, to: string): Sums => {
    const key = `${from ?? ''}>${to}`
    const sums = edges.get(key) ?? { from, to, called: [], served: [] }
    edges.set(key, sums)
    return sums
  }
  for (const { service, window } of members) {
    const span = window.span
    if (span === undefined) continue
    for (const [to, after] of span.after.calls) {
      const figures = figuresOf(span.before.calls.get(to) ?? NOTHING, after, span.ms)
      if (figures !== undefined && after.count > 0) at(service, to).called.push(figures)
    }
    if (service === undefined) continue
    for (const [id, after] of span.after.callers) {
      const before = span.before.callers.get(id) ?? NOTHING
      const figures = figuresOf(tally(before), tally(after), span.ms)
      if (figures !== undefined && after.count > 0) at(after.service, service).served.push(figures)
    }
  }
  return [...edges.values()].map(edgeOf)
}

function tally({ count, failed }: { count: number; failed: number }): Tally {
  return { count, failed, slots: [] }
}

/** The two ends may not both tell figures, and do not count at the same moment: the larger rate is taken. */
function edgeOf({ from, to, called, served }: Sums): Edge {
  const rate = Math.max(
    total(called, ({ rate }) => rate),
    total(served, ({ rate }) => rate),
  )
  const failures = total([...called, ...served], ({ rate, failed }) => rate * failed)
  const length = Math.max(0, ...called.map(({ slots }) => slots.length))
  const slots = Array.from({ length }, (_, slot) => total(called, (figures) => figures.slots[slot] ?? 0))
  return { from, to, rate, failed: share(failures, rate), slots }
}

function total<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((sum, item) => sum + of(item), 0)
}
