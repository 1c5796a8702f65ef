import { Queue } from '../shared/queue.js'
import { EventKind } from './format.js'

/** What an event costs in a queue beside its bytes. */
const EVENT_BYTES = 64

/** Milliseconds for which `emit` waits for a subscriber that is slow. */
export const PATIENCE_MS = 1000

/** The share of a queue above which `emit` waits. */
const PACE = 1 / 4

/** What has to wait for room on a way. */
export interface Flowing {
  /** No frame that can wait for room has this key. */
  readonly key: number
  /** There is room. */
  flow(): void
}

/** The way to a subscriber. */
export interface Way {
  /** How many bytes may leave now. If none, `flow` is called when some may. */
  roomFor(flowing: Flowing): number
  control(kind: number, number: number, payload: Buffer): void
}

/**
 * Events on their way to one subscriber, in their order. They wait as long as bodies do: a head of a request or a response
 * goes before them, and they take turns with bodies.
 */
export class Outgoing implements Flowing {
  readonly key = Number.NEGATIVE_INFINITY
  readonly #way: () => Way
  readonly #maxBytes: number
  readonly #queue = new Queue<Buffer>()
  /** Bytes that wait. */
  waiting = 0
  #isFlowing = false
  /** It let an `emit` wait for too long. No other waits for it, until its queue is short again. */
  #isSlow = false
  #pace: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #ends: (() => void)[] = []

  constructor(way: () => Way, maxBytes: number) {
    this.#way = way
    this.#maxBytes = maxBytes
  }

  /** False if too much waits: then it is dropped. */
  push(payload: Buffer): boolean {
    const cost = payload.length + EVENT_BYTES
    if (this.waiting > 0 && this.waiting + cost > this.#maxBytes) return false
    this.#queue.push(payload)
    this.waiting += cost
    this.flow()
    return true
  }

  /** Resolves when more events may follow. Undefined if they may at once, and for a subscriber that is slow. */
  paced(): Promise<void> | undefined {
    if (this.waiting <= this.#maxBytes * PACE || this.#isSlow) return undefined
    if (this.#pace === undefined) {
      let resolve = () => {}
      const promise = new Promise<void>((settle) => (resolve = settle))
      this.#pace = { promise, resolve }
      this.#timer = setTimeout(() => {
        this.#isSlow = true
        this.#release()
      }, PATIENCE_MS)
    }
    return this.#pace.promise
  }

  /** Resolves when all has left, or the subscriber is gone. */
  emptied(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve()
    return new Promise((resolve) => this.#ends.push(resolve))
  }

  flow(): void {
    // To write may make room, and that would call it again.
    if (this.#isFlowing) return
    this.#isFlowing = true
    try {
      this.#write()
    } finally {
      this.#isFlowing = false
    }
    if (this.waiting > this.#maxBytes * PACE) return
    this.#isSlow = false
    this.#release()
    if (this.waiting === 0) for (const end of this.#ends.splice(0)) end()
  }

  #write(): void {
    while (this.#queue.size > 0) {
      const way = this.#way()
      let room = way.roomFor(this)
      if (room <= 0) return
      while (room > 0) {
        const payload = this.#queue.shift()
        if (payload === undefined) return
        room -= payload.length
        this.waiting -= payload.length + EVENT_BYTES
        way.control(EventKind.event, 0, payload)
      }
    }
  }

  /** The subscriber is gone. Returns how many events were not sent. */
  close(): number {
    const { size } = this.#queue
    this.#queue.clear()
    this.waiting = 0
    this.#release()
    for (const end of this.#ends.splice(0)) end()
    return size
  }

  #release(): void {
    clearTimeout(this.#timer)
    this.#pace?.resolve()
    this.#pace = undefined
  }
}
