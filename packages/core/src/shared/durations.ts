/** The bounds of the slots double, from 0.25 ms to 16 seconds. The last slot has what took longer. */
const FIRST_BOUND_MS = 0.25
const BOUNDS = 17

/** The slot of a duration is `Math.min(LAST_SLOT, 32 - Math.clz32(ms * SLOTS_PER_MS))`. */
export const LAST_SLOT: number = BOUNDS
export const SLOTS_PER_MS: number = 1 / FIRST_BOUND_MS

/**
 * How long calls or requests took. Those who measure count the slot themselves, since a method would be one more call in each
 * of them.
 */
export class Durations {
  readonly slots: Float64Array = new Float64Array(BOUNDS + 1)
  /** Milliseconds. */
  sum = 0

  get count(): number {
    return this.slots.reduce((sum, slot) => sum + slot, 0)
  }

  /**
   * Milliseconds that a share of them, from 0 to 1, did not exceed: an estimate, since all that is known of one is its slot. 0 if
   * there are none.
   */
  quantile(share: number): number {
    const rank = share * this.count
    let before = 0
    for (let slot = 0; slot < BOUNDS; slot++) {
      const here = this.slots[slot] as number
      if (here > 0 && before + here >= rank) {
        const upper = FIRST_BOUND_MS * 2 ** slot
        const lower = slot === 0 ? 0 : upper / 2
        return lower + ((upper - lower) * (rank - before)) / here
      }
      before += here
    }
    return before < this.count ? FIRST_BOUND_MS * 2 ** (BOUNDS - 1) : 0
  }

  /** The bound of each slot in seconds, and how many took no longer. */
  *cumulative(): Generator<[bound: number, count: number]> {
    let count = 0
    for (let slot = 0; slot < BOUNDS; slot++) {
      count += this.slots[slot] as number
      yield [(FIRST_BOUND_MS * 2 ** slot) / 1000, count]
    }
  }
}
