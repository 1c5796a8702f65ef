// What the page has is a list of flat rows by a key. What changes is sent as a patch of fields.

export type Value = string | number | boolean | null | readonly string[]
export type Row = Readonly<Record<string, Value>>
export type Rows = ReadonlyMap<string, Row>
/** Null: the row is gone. A field that is null is gone. */
export type Patch = Record<string, Row | null>

/** The key of the row that waits for no other: the line at the top. */
const FIRST = 'h'

/**
 * Keeps what was sent, and says what to send next. A patch takes at most so many bytes: what does not fit goes with the next
 * ones, those that wait the longest first. Rows that come and go have precedence over those that change.
 */
export class Deltas {
  readonly #sent = new Map<string, Row>()
  /** The turn in which a row was sent last. */
  readonly #turns = new Map<string, number>()
  readonly #budget: number
  #turn = 0

  constructor(budget: number) {
    this.#budget = budget
  }

  /** All that was sent, for those who come later. */
  get sent(): Rows {
    return this.#sent
  }

  /** Takes all rows as sent. */
  fill(rows: Rows): void {
    this.#sent.clear()
    this.#turns.clear()
    for (const [key, row] of rows) this.#take(key, row)
  }

  next(rows: Rows): Patch {
    this.#turn += 1
    const patch: Patch = {}
    let left = this.#budget
    for (const [key, change] of this.#inOrder(rows)) {
      const bytes = Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(change)) + 2
      if (bytes > left && Object.keys(patch).length > 0) continue
      left -= bytes
      patch[key] = change
      this.#take(key, rows.get(key))
    }
    return patch
  }

  #inOrder(rows: Rows): [key: string, change: Row | null][] {
    const structure: [string, Row | null][] = []
    const changes: [string, Row][] = []
    for (const key of this.#sent.keys()) if (!rows.has(key)) structure.push([key, null])
    for (const [key, row] of rows) {
      const before = this.#sent.get(key)
      if (before === undefined) structure.push([key, row])
      else {
        const change = changeOf(before, row)
        if (change !== undefined) changes.push([key, change])
      }
    }
    const turnOf = (key: string) => (key === FIRST ? -1 : (this.#turns.get(key) ?? 0))
    changes.sort(([a], [b]) => turnOf(a) - turnOf(b))
    return [...structure, ...changes]
  }

  #take(key: string, row: Row | undefined): void {
    if (row === undefined) {
      this.#sent.delete(key)
      this.#turns.delete(key)
    } else {
      this.#sent.set(key, row)
      this.#turns.set(key, this.#turn)
    }
  }
}

function changeOf(before: Row, after: Row): Row | undefined {
  const change: Record<string, Value> = {}
  for (const [field, value] of Object.entries(after)) {
    if (!same(before[field], value)) change[field] = value
  }
  for (const field of Object.keys(before)) if (!(field in after)) change[field] = null
  return Object.keys(change).length === 0 ? undefined : change
}

function same(a: Value | undefined, b: Value): boolean {
  return a === b || (typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
}
