/**
 * Items that come and go by the thousand, in no order. It is not a Set: V8 replaces the table of a Set as members come and
 * go, and each old table refers to the next. Once one of them is in the old generation, V8's collector of young garbage keeps
 * alive whatever any of them held. With the objects of calls in a Set, each such collection took thirty times as long.
 */
export class Slab<T> {
  readonly #items: (T | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#items.length - this.#free.length
  }

  /** Returns the index of the item, by which you find and remove it. */
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

  /** The items at this moment. */
  all(): T[] {
    return this.#items.filter((item) => item !== undefined)
  }
}

/** A Map that keeps its values in a slab, for the same reason. */
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
