/** xorshift32: chance that can be had again from its seed. */
export class Random {
  #state

  constructor(seed) {
    this.#state = seed | 0 || 1
  }

  next() {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return x >>> 0
  }

  /** From 0 up to, and without, `limit`. */
  below(limit) {
    return this.next() % limit
  }

  pick(list) {
    return list[this.below(list.length)]
  }
}
