import type { Effect } from './machine/types.js'
import type { Clock } from './transport.js'
import type { NodeId } from './wire/identity.js'

type Settle = (linked: boolean) => void

/** Who waits for nodes to be present, or not to be reached. */
export class LinkWaits {
  readonly #clock: Clock
  readonly #waiting = new Map<NodeId, Set<Settle>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be called with each effect. */
  observe(effect: Effect): void {
    if (this.#waiting.size === 0) return
    if (effect.type === 'enter') this.#settle(effect.peer.id, true)
    else if (effect.type === 'unreached' || effect.type === 'close') this.#settle(effect.id, false)
  }

  /** Resolves to false after so many milliseconds at the latest. */
  next(id: NodeId, milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set()
      this.#waiting.set(id, waiting)
      const timer = this.#clock.setTimeout(() => {
        waiting.delete(settle)
        if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id)
        resolve(false)
      }, milliseconds)
      const settle: Settle = (linked) => {
        this.#clock.clearTimeout(timer)
        resolve(linked)
      }
      waiting.add(settle)
    })
  }

  close(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, false)
  }

  #settle(id: NodeId, linked: boolean): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    for (const settle of waiting) settle(linked)
  }
}
