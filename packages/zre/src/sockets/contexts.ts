import type { Context } from 'zeromq'
import { zeromq } from './zeromq.js'

/**
 * Contexts that no node uses now. zeromq.js frees a context's file descriptors only when the process ends, so one that
 * opens and closes nodes would run out of them.
 */
const idle: Context[] = []

/** A context with room for that many sockets, which no other node uses. */
export function takeContext(maxSockets: number): Context {
  const index = idle.findIndex((context) => context.maxSockets === maxSockets)
  const [found] = index < 0 ? [] : idle.splice(index, 1)
  return found ?? new (zeromq().Context)({ maxSockets })
}

/** To be called when every socket in it is closed. One that lingers goes on sending. */
export function returnContext(context: Context): void {
  idle.push(context)
}
