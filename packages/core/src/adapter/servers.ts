import type { Server } from 'node:net'

export interface ServersEnd {
  /** Nothing listens any more. Requests that are in flight go on. */
  ending(): void
  /** All servers have closed. */
  ended(): void
}

/** The servers of one app, and their end. */
export class Servers {
  readonly #end: ServersEnd
  readonly #open = new Set<Server>()

  constructor(end: ServersEnd) {
    this.#end = end
  }

  add(server: Server): void {
    if (this.#open.has(server)) return
    this.#open.add(server)
    afterClose(server, () => this.#closing(server))
  }

  #closing(server: Server): void {
    server.once('close', () => {
      this.#open.delete(server)
      if (this.#open.size === 0) this.#end.ended()
    })
    if (![...this.#open].some(({ listening }) => listening)) this.#end.ending()
  }
}

/** Calls back when somebody has called `close`. The event comes only after the last connection, so this replaces the method. */
function afterClose(server: Server, closing: () => void): void {
  const { close } = server
  server.close = (callback) => {
    const { listening } = server
    close.call(server, callback)
    if (listening) closing()
    return server
  }
}
