import type { EventEmitter } from 'node:events'
import type { SocketHandler } from '../types.js'

/** The longest time that a Node timer takes. */
const longest = 2 ** 31 - 1

/**
 * The idle timer of a socket, by the rules of `net.Socket.setTimeout`: written bytes restart it, and 0 stops it.
 */
export class SocketTimer {
  readonly #socket: EventEmitter
  readonly #channel: SocketHandler
  #timer: NodeJS.Timeout | null = null

  constructor(socket: EventEmitter, channel: SocketHandler) {
    this.#socket = socket
    this.#channel = channel
  }

  set(milliseconds: number, callback?: () => void): void {
    check(milliseconds)
    this.clear()
    if (milliseconds === 0) {
      if (callback) this.#socket.removeListener('timeout', callback)
      return
    }
    this.#timer = setTimeout(fire, Math.min(milliseconds, longest), this.#socket, this.#channel)
    this.#timer.unref()
    if (callback) this.#socket.once('timeout', callback)
  }

  refresh(): void {
    this.#timer?.refresh()
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

/** The server comes first, before the listeners that the handler has added to the socket. */
function fire(socket: EventEmitter, channel: SocketHandler): void {
  channel.timedOut()
  socket.emit('timeout')
}

function check(milliseconds: unknown): void {
  if (typeof milliseconds !== 'number') {
    const message = `The "msecs" argument must be of type number. Received ${typeof milliseconds}`
    throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  if (!(milliseconds >= 0 && milliseconds < Infinity)) {
    const rule = 'It must be a non-negative finite number.'
    const message = `The value of "msecs" is out of range. ${rule} Received ${milliseconds}`
    throw Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
  }
}
