import type { EventEmitter } from 'node:events'

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
