import { Context } from 'zeromq'

const kept: Context[] = []

/**
 * A context that stays for as long as the process. zeromq.js shuts one down when the garbage collector takes it, and a monitor in
 * it that has not yet heard of the end of its socket then waits for that without end: the process never ends.
 */
export function newContext(options?: ConstructorParameters<typeof Context>[0]): Context {
  const context = new Context(options)
  kept.push(context)
  return context
}
