import { Queue } from '../shared/queue.js'
import { isThenable } from '../shared/thenable.js'
import type { EmittedEvent, Subscription } from '../types.js'

export type EventListener = (event: EmittedEvent) => unknown

/** What `subscribe` was given. */
export interface SubscribeArguments {
  readonly pattern: string
  readonly listener: EventListener
  /** The most events whose promise is not settled. */
  readonly concurrency: number
}

export interface OwnSubscriptionOptions extends SubscribeArguments {
  /** The most bytes of events that wait for one of these to end. */
  readonly maxBytes: number
  /** Calls the listener. May throw. */
  readonly call: (listener: EventListener, event: EmittedEvent) => unknown
  /** The listener threw, or its promise was rejected. */
  readonly failed: (event: EmittedEvent, error: unknown) => void
  /** Called once. */
  readonly closed: () => void
}

interface Waiting {
  readonly event: EmittedEvent
  readonly bytes: number
}

/** A listener of a user, and the events that wait for it. */
export class OwnSubscription implements Subscription {
  readonly pattern: string
  readonly #options: OwnSubscriptionOptions
  readonly #queue = new Queue<Waiting>()
  #waitingBytes = 0
  #running = 0
  #isStarting = false
  #isClosed = false

  constructor(options: OwnSubscriptionOptions) {
    this.pattern = options.pattern
    this.#options = options
  }

  /** False if too much waits: then it is dropped. Never throws. */
  push(event: EmittedEvent, bytes: number): boolean {
    if (this.#isClosed) return true
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#options.maxBytes) return false
    this.#queue.push({ event, bytes })
    this.#waitingBytes += bytes
    this.#startNext()
    return true
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#queue.clear()
    this.#waitingBytes = 0
    this.#options.closed()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** In a loop, because a listener that is done at once would otherwise call it again and again. */
  #startNext(): void {
    if (this.#isStarting) return
    this.#isStarting = true
    while (this.#running < this.#options.concurrency) {
      const waiting = this.#queue.shift()
      if (waiting === undefined) break
      this.#waitingBytes -= waiting.bytes
      this.#start(waiting.event)
    }
    this.#isStarting = false
  }

  #start(event: EmittedEvent): void {
    const { call, listener, failed } = this.#options
    this.#running++
    try {
      const result = call(listener, event)
      if (isThenable(result)) {
        void this.#end(event, result)
        return
      }
    } catch (error) {
      failed(event, error)
    }
    this.#running--
  }

  /** Waits for the promise of a listener. */
  async #end(event: EmittedEvent, result: PromiseLike<unknown>): Promise<void> {
    try {
      await result
    } catch (error) {
      this.#options.failed(event, error)
    }
    this.#running--
    this.#startNext()
  }
}
