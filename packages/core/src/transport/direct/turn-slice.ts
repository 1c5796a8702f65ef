/** Milliseconds of work that a connection may cause in one turn of the event loop. */
const TURN_MS = 5

/** The time that is left for the work of one connection in this turn. It begins when it is first asked for. */
export class TurnSlice {
  #end = 0

  /** Whether the work may go on. */
  readonly mayGoOn = (): boolean => {
    const now = performance.now()
    if (this.#end === 0) {
      this.#end = now + TURN_MS
      setImmediate(this.#renew)
    }
    return now < this.#end
  }

  readonly #renew = () => {
    this.#end = 0
  }
}
