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
