import type { Effect } from './machine/types.js'
import type { Clock } from './transport.js'
import type { NodeId } from './wire/identity.js'

type Settle = (linked: boolean) => void

/** A node is out of reach after so many looks at which nobody was there. Looks are counted, not milliseconds: see `suspicion`. */
const LOOKS = 4

/** Who waits for nodes to be present, or not to be reached. */
export class LinkWaits {
  readonly #clock: Clock
  readonly #isThere: (id: NodeId) => boolean
  readonly #waiting = new Map<NodeId, Set<Settle>>()

  /** `isThere`: whether a node has shaken hands, so that it is slow at worst. */
  constructor(clock: Clock, isThere: (id: NodeId) => boolean) {
    this.#clock = clock
    this.#isThere = isThere
  }

  /** To be called with each effect. */
  observe(effect: Effect): void {
    if (this.#waiting.size === 0) return
    if (effect.type === 'enter') this.#settle(effect.peer.id, true)
    else if (effect.type === 'close') this.#settle(effect.id, false)
  }

  /** Resolves to false when the node is given up, or nobody was there for so many milliseconds. */
  next(id: NodeId, milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set()
      this.#waiting.set(id, waiting)
      let absent = 0
      const look = () => {
        absent = this.#isThere(id) ? 0 : absent + 1
        if (absent < LOOKS) {
          timer = this.#clock.setTimeout(look, milliseconds / LOOKS)
          return
        }
        waiting.delete(settle)
        if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id)
        resolve(false)
      }
      let timer = this.#clock.setTimeout(look, milliseconds / LOOKS)
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
