import { WINDOW } from './format.js'

/** One side's body on its way in: what may come, and when to let more come. */
export class ReceiveWindow {
  readonly #grant: (bytes: number) => void
  /** What the other side may still send. */
  #open = WINDOW
  #consumed = 0

  constructor(grant: (bytes: number) => void) {
    this.#grant = grant
  }

  /** Whether the other side had credit for what came. */
  arrived(bytes: number): boolean {
    this.#open -= bytes
    return this.#open >= 0
  }

  /** Credit is given back in halves of a window: a frame for each chunk would cost more than it helps. */
  consumed(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed < WINDOW / 2) return
    this.#open += this.#consumed
    this.#grant(this.#consumed)
    this.#consumed = 0
  }
}
