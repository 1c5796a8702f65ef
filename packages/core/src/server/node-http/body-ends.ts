/** A request whose whole body has come. */
export interface Ending {
  completeBody(): void
}

/**
 * Ends the bodies of requests in a later turn of the event loop, after the ticks and microtasks that their last bytes began.
 * So an async listener of 'data' has handled these bytes, or has paused the request, before 'end'. One turn ends all bodies
 * of the turn before it.
 */
export class BodyEnds {
  #endings: Ending[] = []
  #armed = false

  /** Call it before a handler gets its last bytes: then 'end' comes before what the handler puts off by `setImmediate`. */
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
