/** Milliseconds of work that a peer has caused, after which the event loop has its turn. */
const SLICE_MS = 5

/** The time that is left for a piece of work in this turn of the event loop. It begins when it is first asked for. */
export class TimeSlice {
  #end = 0

  begin(): void {
    this.#end = 0
  }

  /** Whether the work may go on. */
  readonly mayGoOn = (): boolean => {
    const now = performance.now()
    if (this.#end === 0) this.#end = now + SLICE_MS
    return now < this.#end
  }
}
