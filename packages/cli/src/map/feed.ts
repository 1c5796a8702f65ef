import type { ServerResponse } from 'node:http'
import { Deltas, type Patch, type Rows } from './delta.js'

/** The most bytes of a patch. */
export const BUDGET = 18_000
/** The most pages that watch. */
export const MOST_WATCHERS = 32
/** A page that has so many bytes to read is cut off. It connects again by itself. */
const MOST_BACKLOG = 1024 * 1024
/** So many patches are kept for pages that connect again. */
const KEPT = 60
/** Turns after which something is sent to find out whether the page is still there. */
const IDLE_TURNS = 15
/** Milliseconds after which a page connects again. */
const RETRY = 1000

/** The rows, to all pages that watch: once whole, then what changes. */
export class Feed {
  readonly #deltas = new Deltas(BUDGET)
  readonly #watchers = new Set<ServerResponse>()
  readonly #patches: { id: number; text: string }[] = []
  /** Ids of an earlier process mean nothing. */
  readonly #epoch: string
  #id = 0
  #idle = 0

  constructor(epoch: string) {
    this.#epoch = epoch
  }

  get size(): number {
    return this.#watchers.size
  }

  /** False if too many watch. `from` is the id of the last event that the page got. */
  watch(res: ServerResponse, from: string | undefined, onLeave: () => void): boolean {
    if (this.#watchers.size >= MOST_WATCHERS) return false
    res.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    // A HEAD request has what it wants.
    if (res.req.method === 'HEAD') {
      res.end()
      return true
    }
    res.write(`retry: ${RETRY}\n\n${this.#missed(from) ?? this.#snapshot()}`)
    this.#watchers.add(res)
    res.once('close', () => {
      if (this.#watchers.delete(res)) onLeave()
    })
    return true
  }

  /** Before the first page watches: it gets all of it at once. */
  fill(rows: Rows): void {
    this.#deltas.fill(rows)
    this.#patches.length = 0
    this.#id += 1
  }

  /** Sends what is new. */
  update(rows: Rows): void {
    const patch = this.#deltas.next(rows)
    if (Object.keys(patch).length === 0) {
      this.#idle += 1
      if (this.#idle % IDLE_TURNS === 0) this.#send(':\n\n')
      return
    }
    this.#idle = 0
    this.#id += 1
    const text = this.#event('patch', patch)
    this.#patches.push({ id: this.#id, text })
    if (this.#patches.length > KEPT) this.#patches.shift()
    this.#send(text)
  }

  close(): void {
    for (const res of this.#watchers) res.end()
  }

  #send(text: string): void {
    for (const res of this.#watchers) {
      if (res.writableLength > MOST_BACKLOG) res.destroy()
      else res.write(text)
    }
  }

  #missed(from: string | undefined): string | undefined {
    const [epoch, number] = from?.split('.') ?? []
    const id = Number(number)
    if (epoch !== this.#epoch || !Number.isInteger(id) || id > this.#id) return undefined
    const missed = this.#patches.filter((patch) => patch.id > id)
    return missed.length === this.#id - id ? missed.map(({ text }) => text).join('') : undefined
  }

  #snapshot(): string {
    return this.#event('snapshot', Object.fromEntries(this.#deltas.sent))
  }

  #event(name: string, data: Patch): string {
    return `event: ${name}\nid: ${this.#epoch}.${this.#id}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
