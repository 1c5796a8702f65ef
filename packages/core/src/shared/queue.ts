/** From how many empty places on the list is cut. */
const MIN_CUT = 64

/** First in, first out, in constant time each: `Array.shift` moves every element of a long list. */
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
    // What has been taken must not be kept alive.
    this.#items[this.#first++] = undefined
    if (this.#first === this.#items.length) this.clear()
    else if (this.#first >= MIN_CUT && this.#first * 2 >= this.#items.length) this.#cut()
    return item
  }

  /** Takes all that there is. */
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
