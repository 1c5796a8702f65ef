import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'

// Other copies of this package find it too.
const deadline = Symbol.for('sleuth.deadline')

interface Bound {
  [deadline]?: number
}

/** `at`: when the caller stops waiting for the head of the answer, on the clock of `performance.now()`. */
export function setDeadline(req: IncomingMessage, at: number): void {
  ;(req as Bound)[deadline] = at
}

/** Undefined for a request that came over HTTP or the first wire, or from a caller that waits without end. */
export function deadlineOf(req: IncomingMessage): number | undefined {
  return (req as Bound)[deadline]
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
