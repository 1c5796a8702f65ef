import { subscribe } from 'node:diagnostics_channel'
import { type ListenOptions, Server } from 'node:net'

/** Told of a server that listens. A server that is `appointed` has a port, a path or a descriptor that its program chose. */
type Listening = (server: Server, appointed: boolean) => void

/** What to do when a server with this request listener listens. The map is weak, because most apps in tests never listen. */
const waiting = new WeakMap<object, Listening[]>()

const appointed = new WeakSet<Server>()

/** The request listeners that were removed from a server. */
const former = new WeakMap<Server, Set<unknown>>()

let watching = false

/**
 * Calls back each time when a server of any kind (http, https, http2) begins to listen that has `listener` among its request
 * listeners, or had it before another library took them over. Node publishes on a channel that a server listens.
 */
export function onListening(listener: object, listening: Listening): void {
  const known = waiting.get(listener)
  if (known) known.push(listening)
  else waiting.set(listener, [listening])
  watchListening()
}

/** From now on it is known of each server that begins to listen whether it is appointed. */
export function watchListening(): void {
  if (watching) return
  watching = true
  subscribe('tracing:net.server.listen:asyncStart', note)
  subscribe('tracing:net.server.listen:asyncEnd', tell)
}

export function isAppointed(server: Server): boolean {
  return appointed.has(server)
}

function note(message: unknown): void {
  const { server, options } = message as { server: Server; options: ListenOptions & { fd?: number } }
  if (Number(options.port) > 0 || options.path !== undefined || options.fd !== undefined)
    appointed.add(server)
  else appointed.delete(server)
}

function tell(message: unknown): void {
  const { server } = message as { server: Server }
  const listeners = new Set<unknown>([...server.listeners('request'), ...(former.get(server) ?? [])])
  for (const listener of listeners) {
    for (const listening of waiting.get(listener as object) ?? []) listening(server, isAppointed(server))
  }
}

/**
 * socket.io, SockJS, terminus and others remove the request listeners of a server, and call them from their own. There is no
 * event for it, so this replaces the method. It does so before an app has sleuth's middleware: later, its server may be theirs.
 */
function rememberRemoved(): void {
  const { removeAllListeners } = Server.prototype
  Server.prototype.removeAllListeners = function (this: Server, ...args: [event?: string | symbol]): Server {
    if (args[0] === 'request') {
      const removed = former.get(this) ?? new Set()
      for (const listener of this.listeners('request')) removed.add(listener)
      former.set(this, removed)
    }
    return removeAllListeners.apply(this, args)
  }
}

rememberRemoved()
