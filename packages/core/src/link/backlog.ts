import type { Flowing } from './carrier.js'

/** While as many bytes wait to leave, bodies wait as well: requests and answers still get through, until the queue is full. */
const FULL = 8 * 1024 * 1024

/** Milliseconds between looks whether it is less. */
const PAUSE = 5

/** What waits to leave for a peer, and the bodies that wait for it to become less. */
export class Backlog {
  readonly #bytes: () => number
  readonly #waiting: Flowing[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `bytes`: that were sent, and wait to leave. */
  constructor(bytes: () => number) {
    this.#bytes = bytes
  }

  get full(): boolean {
    return this.#bytes() >= FULL
  }

  /** Whether a body may go on. If not, its `flow` is called when it may. */
  hasRoom(body: Flowing): boolean {
    if (!this.full) return true
    this.#waiting.push(body)
    this.#wait()
    return false
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #wait(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#look(), PAUSE)
  }

  #look(): void {
    this.#timer = undefined
    if (!this.full) for (const body of this.#waiting.splice(0)) body.flow()
    if (this.#waiting.length > 0) this.#wait()
  }
}
