import { channel } from 'node:diagnostics_channel'
import { type IncomingMessage, Server, type ServerResponse } from 'node:http'
import type { Listener } from '../types.js'
import { channelOf } from './messages.js'
import type { Socket } from './socket.js'

/** Where Node's own server publishes its requests. */
const requestStart = channel('http.server.request.start')
export const responseFinish = channel('http.server.response.finish')

/**
 * The server of the app: an `http.Server` that never listens. It emits an event for each request, as it does over HTTP, so
 * that tools which hook servers, such as tracing and error reporting, see the request.
 */
export function appServer(listener: Listener): Server {
  return new Server().on('request', function (this: Server, req: IncomingMessage, res: ServerResponse) {
    const result = listener.call(this, req, res)
    // `emit` does not return what its listeners return. Others may emit this event with a response that is not ours.
    if (result !== undefined) channelOf(res)?.returned(result)
  })
}

export function emitRequest(server: Server, request: IncomingMessage, response: ServerResponse): void {
  if (requestStart.hasSubscribers) {
    const { socket } = request
    requestStart.publish({ request, response, socket, server })
  }
  server.emit('request', request, response)
}

/** Does what `socketOnTimeout` does in Node's server. */
export function emitTimeout(server: Server, req: IncomingMessage, res: ServerResponse, socket: Socket): void {
  const byRequest = !req.complete && req.emit('timeout', socket)
  const byResponse = socket.isInUse && res.emit('timeout', socket)
  const byServer = server.emit('timeout', socket as unknown as IncomingMessage['socket'])
  if (!byRequest && !byResponse && !byServer) socket.destroy()
}

export function publishFinish(server: Server, request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  responseFinish.publish({ request, response, socket, server })
}
