import { inParts } from '../shared/in-parts.js'
import { Slab } from '../shared/slab.js'

/** A request on its way in. */
export interface Incoming {
  /** It is here to its end, or nobody waits for that. */
  readonly complete: boolean
  /** It has taken too long. */
  late(): void
}

interface Watched {
  readonly incoming: Incoming
  turn: number
  slot: number
}

/** How many times within the limit the ages are looked at. */
const TURNS = 8

/**
 * Ends requests that do not come to their end. One timer for all, and none while there are no such: ages are counted in its
 * turns, so that a stall of the process ages none by more than one.
 */
export class RequestTimeout {
  readonly #time: number
  readonly #counted: () => void
  readonly #watched = new Slab<Watched>()
  #timer: NodeJS.Timeout | undefined
  #turn = 0

  /** `time`: milliseconds that a request has; up to an eighth more may pass. `Infinity`: all it takes. */
  constructor(time: number, counted: () => void) {
    this.#time = time
    this.#counted = counted
  }

  watch(incoming: Incoming): void {
    if (this.#time === Infinity) return
    const watched = { incoming, turn: this.#turn, slot: 0 }
    watched.slot = this.#watched.add(watched)
    this.#timer ??= this.#schedule()
  }

  #schedule(): NodeJS.Timeout {
    return setTimeout(() => this.#sweep(), this.#time / TURNS).unref()
  }

  #sweep(): void {
    this.#turn++
    const late: Incoming[] = []
    for (const { incoming, turn, slot } of this.#watched.all()) {
      const old = this.#turn - turn > TURNS
      if (!incoming.complete && !old) continue
      this.#watched.delete(slot)
      if (!incoming.complete) late.push(incoming)
    }
    inParts(late, (incoming) => {
      if (incoming.complete) return
      this.#counted()
      incoming.late()
    })
    this.#timer = this.#watched.size > 0 ? this.#schedule() : undefined
  }
}
