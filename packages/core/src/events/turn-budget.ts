/** Bytes of events that one loop emits before others get their turn. */
const TURN_BYTES = 64 * 1024

/** Promises that are settled run before anything else does: a loop that awaits them would never let the event loop go on. */
export class TurnBudget {
  #spent = 0
  #turn: Promise<void> | undefined

  /** Resolves in the next turn of the event loop. Undefined if there is more to spend in this one. */
  spend(bytes: number): Promise<void> | undefined {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#spent = 0
        this.#turn = undefined
        resolve()
      })
    })
    this.#spent += bytes
    return this.#spent > TURN_BYTES ? this.#turn : undefined
  }
}
