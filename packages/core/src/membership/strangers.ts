import { addToRing, removeFromRing } from './ring.js'

/** How many are remembered. */
const MAX_STRANGERS = 1024

/** Nodes that are heard and that nothing is known of. */
export class Strangers {
  /** When each was first heard. */
  readonly heardAt = new Map<string, number>()
  /** Their ids in order. */
  readonly ring: string[] = []

  add(id: string, now: number): void {
    if (this.heardAt.has(id)) return
    const [oldest] = this.heardAt.keys()
    if (this.heardAt.size >= MAX_STRANGERS && oldest !== undefined) this.delete(oldest)
    this.heardAt.set(id, now)
    addToRing(this.ring, id)
  }

  delete(id: string): void {
    if (this.heardAt.delete(id)) removeFromRing(this.ring, id)
  }

  /** Forgets those who were first heard before a time. */
  sweep(before: number): void {
    for (const [id, heardAt] of this.heardAt) if (heardAt < before) this.delete(id)
  }
}
