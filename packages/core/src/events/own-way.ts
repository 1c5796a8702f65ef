import type { Flowing, Way } from './outgoing.js'

/** Bytes of events that a node brings itself in one turn of the event loop. */
const TURN_BYTES = 16 * 1024

/** The way of a node to itself: events come in a later turn of the event loop, as from others. */
export class OwnWay implements Way {
  readonly #deliver: (payload: Buffer) => void
  #room = 0
  #isScheduled = false

  constructor(deliver: (payload: Buffer) => void) {
    this.#deliver = deliver
  }

  roomFor(flowing: Flowing): number {
    const room = this.#room
    this.#room = 0
    if (room === 0) this.#schedule(flowing)
    return room
  }

  control(_kind: number, _number: number, payload: Buffer): void {
    this.#deliver(payload)
  }

  #schedule(flowing: Flowing): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#room = TURN_BYTES
      flowing.flow()
      this.#room = 0
    })
  }
}
