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
    let index = heap.length
    heap.push({ at: Math.max(time, this.now), order: this.#order++, run })
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!earlier(heap[index] as Entry, heap[parent] as Entry)) break
      this.#swap(index, parent)
      index = parent
    }
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
    if (heap.length === 0) return
    heap[0] = last
    for (let index = 0; ; ) {
      const left = 2 * index + 1
      let min = index
      for (const child of [left, left + 1]) {
        if (child < heap.length && earlier(heap[child] as Entry, heap[min] as Entry)) min = child
      }
      if (min === index) return
      this.#swap(index, min)
      index = min
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    const entry = heap[a] as Entry
    heap[a] = heap[b] as Entry
    heap[b] = entry
  }
}

function earlier(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
