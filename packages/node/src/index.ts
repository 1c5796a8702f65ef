import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Sleuth, SleuthPeer, SleuthRequest } from '@sleuth/core'
import { type AdapterInput, carry, Mount, type Mounted, sleuthError } from '@sleuth/core/adapter'

export type SleuthNodeOptions = AdapterInput

const clients = new WeakMap<IncomingMessage, () => Sleuth>()

const hints = {
  notJoined: 'call server.listen(), or await s.ready: const s = sleuth(server, …)',
  notMounted: 'give the server of http.createServer(): sleuth(server, options)',
}

/**
 * `sleuth(http.createServer(listener), 'echo-service')` offers what the server answers, and `clientOf(req)` calls other services.
 * Without a name: client-only.
 */
export function sleuth(server: Server, input?: AdapterInput): Mounted {
  if (typeof server?.prependListener !== 'function') {
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'server',
      problem: `must be a server: ${hints.notMounted}`,
    })
  }
  const mount = new Mount(input, hints)
  const giveClient = (req: IncomingMessage, res: ServerResponse): void => {
    let client: Sleuth | undefined
    clients.set(req, () => (client ??= mount.clientOf(req, res)))
  }
  // It comes before the listeners of the app, also before those that are added later.
  server.prependListener('request', giveClient)
  mount.answerWith((req, res) => answer(server, req, res))
  mount.joinOnListening(giveClient)
  return carry({}, mount)
}

/** Makes calls to other services for a request: they inherit its deadline, and end when its caller hangs up. */
export function clientOf(req: IncomingMessage): Sleuth {
  const client = clients.get(req)
  if (client !== undefined) return client()
  throw sleuthError('SLEUTH_ARGUMENT', {
    argument: 'req',
    problem: 'must be a request to a server that sleuth(server) was called with',
  })
}

/** The node that sent a request. Undefined for a request over HTTP. */
export function peerOf(req: IncomingMessage): SleuthPeer | undefined {
  return (req as SleuthRequest).sleuthPeer
}

/** As the server does with a request over HTTP. A listener that fails rejects its promise, and the caller gets a 500. */
function answer(server: Server, req: IncomingMessage, res: ServerResponse): unknown {
  const returned = (server.listeners('request') as RequestListener[]).map((listener): unknown =>
    listener.call(server, req, res as never),
  )
  const promises = returned.filter((value) => value instanceof Promise)
  return promises.length === 0 ? undefined : Promise.all(promises)
}

export type { Sleuth, SleuthPeer } from '@sleuth/core'

// Under `require` the package is the function itself. Compiled ES modules look for their default import in `.default`.
sleuth.default = sleuth

export { sleuth as default, sleuth as 'module.exports' }
