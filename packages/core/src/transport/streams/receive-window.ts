import { WINDOW } from '../../shared/limits.js'

/** One side's body on its way in: what may come, and when to let more come. */
export class ReceiveWindow {
  readonly #addCredit: (bytes: number) => void
  /** What the other side may still send. */
  #open = WINDOW
  #read = 0

  constructor(addCredit: (bytes: number) => void) {
    this.#addCredit = addCredit
  }

  /** Whether the other side had credit for what came. */
  received(bytes: number): boolean {
    this.#open -= bytes
    return this.#open >= 0
  }

  /** Credit is given back in halves of a window: a frame for each chunk would cost more than it helps. */
  read(bytes: number): void {
    this.#read += bytes
    if (this.#read < WINDOW / 2) return
    this.#open += this.#read
    this.#addCredit(this.#read)
    this.#read = 0
  }
}
