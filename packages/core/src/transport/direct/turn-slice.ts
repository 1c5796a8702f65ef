import { Queue } from '../../shared/queue.js'

/** Milliseconds of work that all connections may cause in one turn of the event loop. */
const TURN_MS = 5

/** What came by a connection, and is not handled yet. */
export interface Rest {
  /** Handles a part of it. Whether that was all. */
  goOn(): boolean
}

/**
 * The time of a turn of the event loop, shared by all connections: it begins when one first asks for it. What is not done by
 * then goes on in the next turns, in which each connection that waits has an equal part.
 */
export class TurnSlice {
  /** Nothing more is handled in this turn. Read only. */
  isSpent = false
  readonly #now: () => number
  readonly #waiting = new Queue<Rest>()
  #end = Infinity
  #partEnd = Infinity
  #scheduled = false

  /** `now`: milliseconds, from any moment on. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether the work may go on. */
  readonly mayGoOn = (): boolean => {
    const now = this.#now()
    if (!this.#scheduled) {
      this.#end = now + TURN_MS
      this.#schedule()
    }
    this.isSpent = now >= this.#end
    return !this.isSpent && now < this.#partEnd
  }

  /** It goes on in another turn. */
  later(rest: Rest): void {
    this.#waiting.push(rest)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#scheduled = false
    this.isSpent = false
    const part = TURN_MS / this.#waiting.size
    for (let left = this.#waiting.size; left > 0 && this.mayGoOn(); left--) {
      const rest = this.#waiting.shift() as Rest
      this.#partEnd = this.#now() + part
      if (!rest.goOn()) this.#waiting.push(rest)
      this.#partEnd = Infinity
    }
    if (this.#waiting.size > 0) this.#schedule()
  }
}
