/**
 * Things that come and go by the thousand, in no order. Not a Set: the tables that V8 replaces as a Set's members come and go
 * refer on to the next, and once one of them is old, V8's collector of young garbage takes all that any of them held
 * for alive: with a call's objects in one, each such collection took thirty times as long.
 */
export class Slab<T> {
  readonly #items: (T | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#items.length - this.#free.length
  }

  /** Returns its place, to find and to remove it by. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length
    this.#items[slot] = item
    return slot
  }

  get(slot: number): T | undefined {
    return this.#items[slot]
  }

  delete(slot: number): void {
    if (this.#items[slot] === undefined) return
    this.#items[slot] = undefined
    this.#free.push(slot)
  }

  /** Those that are there now. */
  all(): T[] {
    return this.#items.filter((item) => item !== undefined)
  }
}

/** A Map whose values are kept in slots, for the same reason. */
export class SlabMap<K, T> {
  readonly #slotOf = new Map<K, number>()
  readonly #slots = new Slab<T>()

  get size(): number {
    return this.#slotOf.size
  }

  set(key: K, item: T): void {
    this.delete(key)
    this.#slotOf.set(key, this.#slots.add(item))
  }

  get(key: K): T | undefined {
    const slot = this.#slotOf.get(key)
    return slot === undefined ? undefined : this.#slots.get(slot)
  }

  has(key: K): boolean {
    return this.#slotOf.has(key)
  }

  delete(key: K): void {
    const slot = this.#slotOf.get(key)
    if (slot === undefined) return
    this.#slotOf.delete(key)
    this.#slots.delete(slot)
  }

  all(): T[] {
    return this.#slots.all()
  }
}
