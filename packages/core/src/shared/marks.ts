import type { EventEmitter } from 'node:events'

/**
 * The property of a request that tells when its caller stops waiting for the head of the response, on the clock of
 * `performance.now()`. Requests over HTTP and over wire 1 do not have it, nor requests whose caller waits without end. Other
 * copies of this package find it too.
 */
export const deadlineMark: unique symbol = Symbol.for('sleuth.deadline')

/**
 * The property of a response over sleuth that is told what its handler returned. A listener whose promise may go to nobody, as in
 * Express 4, tells it itself. Other copies of this package find it too.
 */
export const handlerMark: unique symbol = Symbol.for('sleuth.handler')

/** A response that may have come over sleuth. */
export interface Handled {
  [handlerMark]?: { returned(result: unknown): void }
}

/** A request that may have a deadline. */
export interface Bounded {
  [deadlineMark]?: number
}

const own = new WeakSet<object>()

/** Marks a listener that sleuth adds to a request or response: it tells the app nothing. */
export function ownListener(listener: () => void): () => void {
  own.add(listener)
  return listener
}

/** Whether the app listens to an event: anyone but sleuth. */
export function hasForeignListener(emitter: EventEmitter, event: string): boolean {
  return emitter.listeners(event).some((listener) => !own.has(listener))
}
