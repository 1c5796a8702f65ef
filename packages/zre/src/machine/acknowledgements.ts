import type { NodeId } from '../wire/identity.js'
import type { Outgoing } from '../wire/message.js'
import type { Effect } from './types.js'

interface Waiting {
  /** The PING whose answer it waits for: they are counted from the last HELLO on. */
  readonly ping: number
  readonly settle: (received: boolean) => void
}

interface Count {
  sent: number
  answered: number
  /** The PING whose answer shows the time of a round trip, and when it left. 0: none is under way. */
  timed: number
  timedAt: number
  roundTrip: number | undefined
  readonly waiting: Waiting[]
}

/**
 * Which PINGs have been answered. Messages keep their order, so the answer to a PING shows that the peer has read all that
 * was sent before it.
 */
export class Acknowledgements {
  readonly #counts = new Map<NodeId, Count>()
  readonly #now: () => number

  /** `now`: milliseconds on a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Milliseconds from the last timed PING to its answer. Undefined until one was answered. */
  roundTrip(id: NodeId): number | undefined {
    return this.#counts.get(id)?.roundTrip
  }

  /** To be called with each effect. */
  observe(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.sent(effect.id, effect.message.type)
        break
      case 'close':
        this.gone(effect.id)
        break
      // It may have answered PINGs before its HELLO, over a connection that broke: those answers never come.
      case 'enter':
      case 'exit':
        this.gone(effect.peer.id)
    }
  }

  /** To be called for each message that is sent. HELLO begins a new count: what the peer has not read by then, it never will. */
  sent(id: NodeId, type: Outgoing['type']): void {
    if (type === 'hello') this.gone(id)
    else if (type === 'ping') this.#pinged(this.#countOf(id))
  }

  /** Resolves when the last PING that was sent to the peer is answered: false when the peer goes first. */
  next(id: NodeId): Promise<boolean> {
    const count = this.#countOf(id)
    if (count.answered === count.sent) return Promise.resolve(false)
    return new Promise((settle) => count.waiting.push({ ping: count.sent, settle }))
  }

  /** A PING-OK came. One that answers nothing is not counted. */
  answered(id: NodeId): void {
    const count = this.#counts.get(id)
    if (count === undefined || count.answered === count.sent) return
    count.answered++
    if (count.answered === count.timed) {
      count.roundTrip = this.#now() - count.timedAt
      count.timed = 0
    }
    const done = count.waiting.findIndex(({ ping }) => ping > count.answered)
    const settled = count.waiting.splice(0, done < 0 ? count.waiting.length : done)
    for (const { settle } of settled) settle(true)
  }

  /** The peer is gone, or a new count begins: nothing that was sent will be acknowledged. */
  gone(id: NodeId): void {
    const count = this.#counts.get(id)
    if (count === undefined) return
    this.#counts.delete(id)
    for (const { settle } of count.waiting) settle(false)
  }

  close(): void {
    for (const id of [...this.#counts.keys()]) this.gone(id)
  }

  #pinged(count: Count): void {
    count.sent++
    if (count.timed !== 0) return
    count.timed = count.sent
    count.timedAt = this.#now()
  }

  #countOf(id: NodeId): Count {
    let count = this.#counts.get(id)
    if (count === undefined) {
      count = { sent: 0, answered: 0, timed: 0, timedAt: 0, roundTrip: undefined, waiting: [] }
      this.#counts.set(id, count)
    }
    return count
  }
}
