import type { EventEmitter } from 'node:events'

/**
 * Where the server keeps, with a request, when its caller stops waiting for the head of the response: on the clock of
 * `performance.now()`. A request over HTTP or the first wire has none, and neither has one whose caller waits without end.
 * Other copies of this package find it too.
 */
export const deadlineMark: unique symbol = Symbol.for('sleuth.deadline')

/** A request that may have a deadline. */
export interface Bounded {
  [deadlineMark]?: number
}

const own = new WeakSet<object>()

/** Marks a listener of sleuth itself on a message of Node's: it stops no handler, so it is not one of the app's. */
export function ownListener(listener: () => void): () => void {
  own.add(listener)
  return listener
}

/** Whether anyone but sleuth listens to an event. */
export function hasForeignListener(emitter: EventEmitter, event: string): boolean {
  return emitter.listeners(event).some((listener) => !own.has(listener))
}
