import type { Server } from 'node:http'
import type { Local, RemoteCaller, SocketHandler } from '../types.js'
import type { Request } from './request.js'
import { Socket } from './socket.js'

/** The most sockets that are kept for one caller. */
const MAX_SOCKETS = 64

interface Used {
  readonly socket: Socket
  readonly req: Request
}

/**
 * A kept-alive connection serves one request after another, and so does a socket here: to make one takes a tenth of all
 * that a request takes. As over HTTP, it is the same caller's, nobody listens to it any more, and no request is left that
 * could destroy it.
 */
export class SocketPool {
  readonly #used = new WeakMap<RemoteCaller, Used[]>()

  acquire(channel: SocketHandler, caller: RemoteCaller, local: Local, server: Server): Socket {
    const used = this.#used.get(caller)?.shift()
    if (used?.req.destroyed && used.socket.serve(channel)) return used.socket
    return new Socket(channel, caller, local, server)
  }

  /** `acquire` checks what has become of the request by then. */
  release(caller: RemoteCaller, socket: Socket, req: Request): void {
    const used = this.#used.get(caller)
    if (used === undefined) this.#used.set(caller, [{ socket, req }])
    else if (used.length < MAX_SOCKETS) used.push({ socket, req })
  }
}
