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

  /** Returns its index, to find and to remove it by. */
  add(item: T): number {
    const index = this.#free.pop() ?? this.#items.length
    this.#items[index] = item
    return index
  }

  get(index: number): T | undefined {
    return this.#items[index]
  }

  delete(index: number): void {
    if (this.#items[index] === undefined) return
    this.#items[index] = undefined
    this.#free.push(index)
  }

  /** Those that are there now. */
  all(): T[] {
    return this.#items.filter((item) => item !== undefined)
  }
}

/** A Map whose values are kept in a slab, for the same reason. */
export class SlabMap<K, T> {
  readonly #indexOf = new Map<K, number>()
  readonly #items: (T | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#indexOf.size
  }

  set(key: K, item: T): void {
    const index = this.#indexOf.get(key) ?? this.#free.pop() ?? this.#items.length
    this.#items[index] = item
    this.#indexOf.set(key, index)
  }

  get(key: K): T | undefined {
    const index = this.#indexOf.get(key)
    return index === undefined ? undefined : this.#items[index]
  }

  has(key: K): boolean {
    return this.#indexOf.has(key)
  }

  delete(key: K): void {
    const index = this.#indexOf.get(key)
    if (index === undefined) return
    this.#indexOf.delete(key)
    this.#items[index] = undefined
    this.#free.push(index)
  }

  all(): T[] {
    return this.#items.filter((item) => item !== undefined)
  }
}
