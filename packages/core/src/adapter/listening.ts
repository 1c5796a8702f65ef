import { subscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:net'

/** What to do when a server with this request listener listens. Weak, since most apps of a test never do. */
const waiting = new WeakMap<object, (() => void)[]>()

let watching = false

/**
 * Calls back each time that a server of any kind (http, https, http2) that has `listener` among its request listeners
 * begins to listen. Node tells by a channel, so no method of the app or of `http.Server` has to be replaced.
 */
export function onListening(listener: object, listening: () => void): void {
  const known = waiting.get(listener)
  if (known) known.push(listening)
  else waiting.set(listener, [listening])
  if (watching) return
  watching = true
  subscribe('tracing:net.server.listen:asyncEnd', tell)
}

function tell(message: unknown): void {
  const { server } = message as { server: Server }
  for (const listener of server.listeners('request')) {
    for (const listening of waiting.get(listener) ?? []) listening()
  }
}
