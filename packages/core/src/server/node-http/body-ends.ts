/** A request whose body is here to its end. */
export interface Ending {
  completeBody(): void
}

/**
 * Tells requests that their body has ended: in a turn of its own, when the ticks and microtasks have run that its last bytes
 * began. So an async listener of 'data' is done with them, or has paused the request, before it hears of the end. One turn
 * does for all that end in the turn before.
 */
export class BodyEnds {
  #endings: Ending[] = []
  #armed = false

  /** To be called before a handler is given its last bytes: what it puts off by `setImmediate` comes after the end. */
  arm(): void {
    if (this.#armed) return
    this.#armed = true
    setImmediate(complete, this)
  }

  add(ending: Ending): void {
    this.arm()
    this.#endings.push(ending)
  }

  complete(): void {
    this.#armed = false
    const endings = this.#endings
    this.#endings = []
    for (const ending of endings) ending.completeBody()
  }
}

function complete(ends: BodyEnds): void {
  ends.complete()
}
