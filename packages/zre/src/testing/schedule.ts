interface Entry {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** What is to happen when, on a clock that stands still until it is told to run. A binary heap; ties in order of entry. */
export class Schedule {
  #now = 0
  #order = 0
  readonly #heap: Entry[] = []

  get now(): number {
    return this.#now
  }

  set now(time: number) {
    this.#now = time
  }

  get size(): number {
    return this.#heap.length
  }

  /** When the next is due. `Infinity`: nothing is. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  after(delay: number, run: () => void): void {
    this.at(this.now + delay, run)
  }

  at(time: number, run: () => void): void {
    const heap = this.#heap
    const entry = { at: Math.max(time, this.now), order: this.#order++, run }
    let index = heap.length
    heap.push(entry)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Entry
      if (!earlier(entry, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  /** Runs all that is due within a time, and lets the time pass. */
  run(duration: number): void {
    const end = this.now + duration
    while (this.runNext(end));
    this.now = end
  }

  /** Runs what is next, if it is due by then. */
  runNext(end: number): boolean {
    const first = this.#heap[0]
    if (first === undefined || first.at > end) return false
    this.#removeFirst()
    this.now = first.at
    first.run()
    return true
  }

  /** Nothing of what was to happen does. */
  clear(): void {
    this.#heap.length = 0
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop() as Entry
    const { length } = heap
    if (length === 0) return
    let index = 0
    for (let child = 1; child < length; child = 2 * index + 1) {
      const right = child + 1
      if (right < length && earlier(heap[right] as Entry, heap[child] as Entry)) child = right
      const below = heap[child] as Entry
      if (!earlier(below, last)) break
      heap[index] = below
      index = child
    }
    heap[index] = last
  }
}

function earlier(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
