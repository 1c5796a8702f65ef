import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests that wait on one connection. No client sends so many before it has an answer. */
const MOST = 100

interface Waiting {
  readonly last: ServerResponse
  readonly count: number
}

/**
 * The requests of a connection, one after the other. Node hands over all that a client has sent, but a request may rely on what
 * the one before it has done (RFC 9112, section 9.3.2).
 */
export class Pipeline {
  readonly #waiting = new WeakMap<Socket, Waiting>()

  /** Calls `begin` when the response before this one is complete. */
  add({ socket }: IncomingMessage, res: ServerResponse, begin: () => void): void {
    const before = this.#waiting.get(socket)
    const isBusy = before !== undefined && !before.last.closed
    const count = isBusy ? before.count + 1 : 0
    if (count > MOST) {
      socket.destroy()
      return
    }
    this.#waiting.set(socket, { last: res, count })
    if (!isBusy) {
      begin()
      return
    }
    before.last.once('close', () => {
      if (!socket.destroyed) begin()
    })
  }
}
