/** The list is cut when it has so many empty places. */
const MIN_CUT = 64

/** First in, first out, each in constant time. `Array.shift` moves all elements of a long list. */
export class Queue<T> {
  #items: (T | undefined)[] = []
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  peek(): T | undefined {
    return this.#items[this.#first]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.#first === this.#items.length) return undefined
    const item = this.#items[this.#first]
    // The list must not keep alive what was taken from it.
    this.#items[this.#first++] = undefined
    if (this.#first === this.#items.length) this.clear()
    else if (this.#first >= MIN_CUT && this.#first * 2 >= this.#items.length) this.#cut()
    return item
  }

  /** Takes all items. */
  drain(): T[] {
    const all = this.#items.slice(this.#first) as T[]
    this.clear()
    return all
  }

  clear(): void {
    this.#items = []
    this.#first = 0
  }

  #cut(): void {
    this.#items = this.#items.slice(this.#first)
    this.#first = 0
  }
}
