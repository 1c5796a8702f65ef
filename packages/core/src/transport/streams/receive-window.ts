import type { Windows } from '../../shared/limits.js'
import type { WindowBudget } from './window-budget.js'

/**
 * The receive window of one body: how many bytes the sender may send, and when it gets credit for more. The window doubles
 * while the reader keeps up, so that a fast sender does not wait for credit. A reader that falls behind keeps its window.
 */
export class ReceiveWindow {
  readonly #addCredit: (bytes: number) => void
  readonly #budget: WindowBudget
  readonly #windows: Windows
  #size: number
  /** Bytes that the sender may still send. */
  #open: number
  /** Bytes that were read, and for which the sender has no credit yet. */
  #read = 0
  #closed = false

  constructor(addCredit: (bytes: number) => void, budget: WindowBudget, windows: Windows) {
    this.#windows = windows
    this.#size = windows.first
    this.#open = windows.first
    this.#addCredit = addCredit
    this.#budget = budget
  }

  /** False if the sender had no credit for the bytes. */
  received(bytes: number): boolean {
    this.#open -= bytes
    return this.#open >= 0
  }

  /**
   * A frame of credit for each chunk would cost more than it helps. Credit leaves after half of the first window, whatever the
   * window is: a sender of an earlier version never uses more.
   */
  read(bytes: number): void {
    this.#read += bytes
    if (this.#read < this.#windows.first / 2) return
    const credit = this.#read + this.#growth()
    this.#read = 0
    this.#open += credit
    this.#addCredit(credit)
  }

  /** Nothing more comes. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#budget.giveBack(this.#size - this.#windows.first)
  }

  /** Bytes by which the window grows: none while a part of what came is unread. */
  #growth(): number {
    const unread = this.#size - this.#open - this.#read
    const { most } = this.#windows
    if (unread > 0 || this.#closed || this.#size === most) return 0
    const growth = Math.min(this.#size, most - this.#size)
    if (!this.#budget.take(growth)) return 0
    this.#size += growth
    return growth
  }
}
