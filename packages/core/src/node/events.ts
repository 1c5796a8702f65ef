import { EventEmitter } from 'node:events'
import { handleRejection } from '../shared/thenable.js'
import type { EmittedEvent, SleuthEvents } from '../types.js'

type Listener<E extends keyof SleuthEvents> = (...args: SleuthEvents[E]) => void

/** The events of `sleuth.on`. */
export class Events {
  readonly #emitter = new EventEmitter<SleuthEvents>()

  on<E extends keyof SleuthEvents>(event: E, listener: Listener<E>): void {
    this.#emitter.on(event, listener as never)
  }

  once<E extends keyof SleuthEvents>(event: E, listener: Listener<E>): void {
    this.#emitter.once(event, listener as never)
  }

  off<E extends keyof SleuthEvents>(event: E, listener: Listener<E>): void {
    this.#emitter.off(event, listener as never)
  }

  /** An event of another node, or of this one. `failed`: a listener threw, or its promise was rejected. */
  deliver(event: EmittedEvent, failed: (error: unknown) => void): void {
    for (const listener of this.#emitter.rawListeners('event')) {
      try {
        handleRejection(listener.call(this.#emitter, event), failed)
      } catch (error) {
        failed(error)
      }
    }
  }

  /** A listener that throws must not stop the node in the middle of its work: the error is thrown in a tick of its own. */
  emit<E extends keyof SleuthEvents>(event: E, ...args: SleuthEvents[E]): void {
    try {
      this.#emitter.emit(event, ...(args as never))
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}
