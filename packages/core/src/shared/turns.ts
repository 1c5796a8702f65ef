/** The most items in one turn of the event loop: to tell 64 handlers that their caller is gone takes about 3 ms. */
const AT_ONCE = 64

/**
 * Handles a list whose length a peer decides: the first items at once, and the others in later turns of the event loop.
 * `handle` must not throw.
 */
export function inParts<T>(items: readonly T[], handle: (item: T) => void, from = 0): void {
  const end = Math.min(from + AT_ONCE, items.length)
  for (let at = from; at < end; at++) handle(items[at] as T)
  if (end < items.length) setImmediate(() => inParts(items, handle, end))
}

/** Milliseconds that a peer's work may take before the event loop goes on. */
const SLICE_MS = 5

/** The time of a piece of work in this turn of the event loop. It begins when `mayGoOn` is first called. */
export class TimeSlice {
  /** On the clock of `performance.now()`. Set it to 0, and the next `mayGoOn` begins a new slice. */
  endsAt = 0

  /** Whether the work may go on. */
  readonly mayGoOn = (): boolean => {
    const now = performance.now()
    if (this.endsAt === 0) this.endsAt = now + SLICE_MS
    return now < this.endsAt
  }
}
