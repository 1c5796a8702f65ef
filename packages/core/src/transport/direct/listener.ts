import { createServer, type Server, type Socket } from 'node:net'
import type { Greeting } from './handshake.js'
import type { Admission, Hear } from './way.js'

/** Milliseconds for a handshake. */
export const HANDSHAKE_MS = 2000

/** Connections that have not shown yet whose they are. Of more, the oldest goes. */
export const MOST_PENDING = 64

export interface ListenerOptions {
  /** How a connection shows whose it is. */
  readonly hear: Hear
  /** Undefined for a greeting that nobody expects. */
  readonly admit: (greeting: Greeting) => Admission | undefined
  /** A connection was refused. */
  readonly refused: (why: string) => void
}

interface Opened {
  readonly address: string
  readonly server: Server
  readonly port: Promise<number>
}

/** Takes connections on a port of its own. Anybody may connect: whoever does not greet as was agreed is cut off. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #pending = new Set<Pending>()
  #opened: Opened | undefined
  #closed = false

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** The port at an address, where it is opened if it is not yet. Rejects if it can't be; the next call tries again. */
  port(address: string): Promise<number> {
    if (this.#closed) return Promise.reject(new Error('the node leaves'))
    if (this.#opened?.address !== address) this.#open(address)
    return (this.#opened as Opened).port
  }

  #open(address: string): void {
    this.#opened?.server.close()
    const server = createServer((socket) => this.#take(socket)).unref()
    const opened: Opened = { address, server, port: this.#listen(server, address) }
    this.#opened = opened
    opened.port.catch(() => {
      if (this.#opened === opened) this.#opened = undefined
    })
  }

  #listen(server: Server, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('close', () => reject(new Error('the node leaves, or has another address')))
      server.listen({ host, port: 0, exclusive: true }, () => {
        server.off('error', reject)
        // One connection that can't be accepted, such as for want of descriptors, says nothing of the next.
        server.on('error', (error) => this.#options.refused(error.message))
        const address = server.address()
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('it has no port'))
      })
    })
  }

  /** Takes no more connections. Those that were accepted stay. */
  close(): void {
    this.#closed = true
    this.#opened?.server.close()
    this.#opened = undefined
    for (const pending of this.#pending) pending.cut()
    this.#pending.clear()
  }

  #take(socket: Socket): void {
    const pending = new Pending(socket, this.#options, () => this.#pending.delete(pending))
    this.#pending.add(pending)
    if (this.#pending.size <= MOST_PENDING) return
    const [oldest] = this.#pending
    oldest?.refuse('too many connections have not said whose they are')
  }
}

/** A connection of which nobody knows yet whose it is. */
class Pending {
  readonly #socket: Socket
  readonly #options: ListenerOptions
  readonly #left: () => void
  readonly #timer: NodeJS.Timeout
  #end = ignore
  #over = false

  /** `left` is called once: it is accepted, or gone. */
  constructor(socket: Socket, options: ListenerOptions, left: () => void) {
    this.#socket = socket
    this.#options = options
    this.#left = left
    this.#timer = setTimeout(() => this.refuse('it did not greet in time'), HANDSHAKE_MS).unref()
    socket.unref()
    // Whatever becomes of it: 'close' follows.
    socket.on('error', ignore)
    socket.on('close', this.#onClose)
    this.#end = options.hear(socket, {
      admit: options.admit,
      accept: (admission, by) => this.#accept(admission, by),
      refuse: (why) => this.refuse(why),
    })
  }

  refuse(why: string): void {
    if (this.#over) return
    this.#options.refused(why)
    this.cut()
  }

  cut(): void {
    this.#leave()
    this.#socket.destroy()
  }

  #accept(admission: Admission, by: Socket): void {
    if (this.#over) return
    this.#leave()
    admission.accept(by)
  }

  readonly #onClose = (): void => {
    // A node that closes gives up a connection that it has just begun to make; and some only look whether a port is open.
    if (this.#socket.bytesRead === 0) this.cut()
    else this.refuse('it closed before it had greeted')
  }

  #leave(): void {
    this.#over = true
    clearTimeout(this.#timer)
    this.#socket.off('close', this.#onClose)
    this.#end()
    this.#left()
  }
}

function ignore(): void {}
