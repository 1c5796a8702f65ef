import type { Sleuth } from '@sleuth/core'

/** Whether the server is in the network. One change at a time: what is wanted last counts. */
export class Presence {
  readonly #join: () => Promise<Sleuth>
  readonly #changed: (isIn: boolean) => void
  #sleuth: Sleuth | undefined
  #wanted = false
  #changing: Promise<void> | undefined
  #closed = false

  constructor(join: () => Promise<Sleuth>, changed: (isIn: boolean) => void) {
    this.#join = join
    this.#changed = changed
  }

  /** It was in the network once. */
  hasJoined = false

  /** Rejects if the network can't be joined. */
  set(wanted: boolean): Promise<void> {
    if (!this.#closed) this.#wanted = wanted
    if (this.#changing === undefined && this.#isRight) return Promise.resolve()
    this.#changing ??= this.#change()
    return this.#changing
  }

  /** Leaves for good, and lets the requests in flight finish. */
  close(): Promise<void> {
    const left = this.set(false)
    this.#closed = true
    return left
  }

  get #isRight(): boolean {
    return this.#wanted === (this.#sleuth !== undefined)
  }

  async #change(): Promise<void> {
    try {
      while (!this.#isRight) await this.#step(this.#wanted)
    } finally {
      this.#changing = undefined
    }
  }

  async #step(wanted: boolean): Promise<void> {
    if (wanted) {
      this.#sleuth = await this.#join()
      this.hasJoined = true
    } else {
      const sleuth = this.#sleuth
      this.#sleuth = undefined
      await sleuth?.close()
    }
    this.#changed(wanted)
  }
}
