/** Items that are handled in one turn of the event loop: 64 handlers that are told of a caller's end take 3 ms or so. */
const AT_ONCE = 64

/**
 * Handles a list whose length others decide: the first items at once, and the rest in later turns of the event loop. `handle`
 * does not throw.
 */
export function inParts<T>(items: readonly T[], handle: (item: T) => void, from = 0): void {
  const end = Math.min(from + AT_ONCE, items.length)
  for (let at = from; at < end; at++) handle(items[at] as T)
  if (end < items.length) setImmediate(() => inParts(items, handle, end))
}

/** Milliseconds of work that a peer has caused, after which the event loop has its turn. */
const SLICE_MS = 5

/** The time that is left for a piece of work in this turn of the event loop. It begins when it is first asked for. */
export class TimeSlice {
  /** On the clock of `performance.now()`. 0: it begins anew. */
  endsAt = 0

  /** Whether the work may go on. */
  readonly mayGoOn = (): boolean => {
    const now = performance.now()
    if (this.endsAt === 0) this.endsAt = now + SLICE_MS
    return now < this.endsAt
  }
}
