/** The part of the receive buffer that windows may grow into. The rest is for the first window of each stream. */
const SHARE = 1 / 4

/**
 * Bytes that the receive windows of a session may have together beyond their first size. A reader may stop after its window
 * has grown, so the budget bounds what a peer can then make this node hold.
 */
export class WindowBudget {
  #left: number

  /** `maxBuffered`: the most bytes of bodies that one peer may have unread here. */
  constructor(maxBuffered: number) {
    this.#left = maxBuffered * SHARE
  }

  /** False if the budget has no room for the bytes. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}
