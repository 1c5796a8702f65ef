import { Durations } from './durations.js'

/** The most callers whose requests are counted apart. The others are counted together. */
export const MAX_CALLERS = 100

/** A status has at most three digits. */
const CLASSES = 10

/** The requests of one caller, and how long they took. */
export class CallerCounts extends Durations {
  readonly id: string
  readonly name: string
  readonly service: string | undefined
  /** Requests that the handler got. */
  requests = 0
  /** Responses by the first digit of their status. */
  readonly statuses: Float64Array = new Float64Array(CLASSES)
  /** Requests whose caller hung up, and responses that were cut off. */
  aborted = 0
  /** The caller has left. */
  isGone = false

  constructor(id: string, name: string, service: string | undefined) {
    super()
    this.id = id
    this.name = name
    this.service = service
  }

  add(other: CallerCounts): void {
    this.requests += other.requests
    this.aborted += other.aborted
    this.sum += other.sum
    for (let at = 0; at < CLASSES; at++)
      this.statuses[at] = (this.statuses[at] ?? 0) + (other.statuses[at] ?? 0)
    for (const [at, slot] of other.slots.entries()) this.slots[at] = (this.slots[at] ?? 0) + slot
  }
}

/** Who called this service. When the list is full, a newcomer takes the place of one that has left. */
export class CallerList {
  readonly #known = new Map<string, CallerCounts>()
  /** All for whom there is no place, together. */
  readonly others: CallerCounts = new CallerCounts('<other>', '<other>', undefined)

  /** The counts of a caller. Ask once for each connection: the caller may have a place of its own later. */
  of(id: string, name: string, service: string | undefined): CallerCounts {
    const known = this.#known.get(id)
    if (known !== undefined) {
      known.isGone = false
      return known
    }
    if (this.#known.size >= MAX_CALLERS && !this.#makeRoom()) return this.others
    const counts = new CallerCounts(id, name, service)
    this.#known.set(id, counts)
    return counts
  }

  gone(id: string): void {
    const counts = this.#known.get(id)
    if (counts !== undefined) counts.isGone = true
  }

  all(): CallerCounts[] {
    return [...this.#known.values()]
  }

  /** All callers together. */
  total(): CallerCounts {
    const total = new CallerCounts('', '', undefined)
    total.add(this.others)
    for (const counts of this.#known.values()) total.add(counts)
    return total
  }

  #makeRoom(): boolean {
    for (const counts of this.#known.values()) {
      if (!counts.isGone) continue
      this.others.add(counts)
      this.#known.delete(counts.id)
      return true
    }
    return false
  }
}
