import type { Context, Dealer } from 'zeromq'
import type { PublicKey } from '../wire/key.js'
import { curveFor, type Keys } from './curve.js'
import { isIPv6Endpoint } from './ipv6.js'
import { newDealer } from './new-socket.js'
import { LONGEST, waitPatiently } from './patience.js'
import { systemClock } from './system-clock.js'

export interface ProberOptions {
  readonly context: Context
  /** Our own keys, on a network that encrypts. */
  readonly keys?: Keys | undefined
  /** Milliseconds for a handshake, for which our own process has to run: see `waitPatiently`. */
  readonly timeout: number
  /** Probes under way at a time: each takes `SOCKETS_PER_PROBE` of its context. */
  readonly maxProbes: number
}

/** One for the probe itself, and two for its monitor. */
export const SOCKETS_PER_PROBE = 3

/**
 * Asks processes for a handshake of ZMTP (RFC 37) over a new connection. libzmq's I/O thread answers, so a process whose event
 * loop is busy answers, and one that is stopped, or whose host has vanished, does not. No message is sent: the peer's event
 * loop notices nothing.
 */
export class Prober {
  readonly #options: ProberOptions
  readonly #probes = new Map<Dealer, () => void>()

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** Whether the process at an endpoint answers in time. `undefined`: it could not be asked, which says nothing about it. */
  probe(endpoint: string, key: PublicKey | undefined): Promise<boolean | undefined> {
    const socket = this.#probes.size < this.#options.maxProbes ? this.#open(endpoint, key) : undefined
    if (socket === undefined) return Promise.resolve(undefined)
    const { timeout } = this.#options
    const { events } = socket
    return new Promise((resolve) => {
      const end = (answered: boolean | undefined) => {
        if (!this.#probes.delete(socket)) return
        stop()
        socket.close()
        resolve(answered)
      }
      // What has come by then is read first. If our own process did not run, nothing is known of the other.
      const stop = waitPatiently(systemClock, timeout, (ran) => setImmediate(end, ran ? false : undefined))
      this.#probes.set(socket, () => end(undefined))
      events.on('handshake', () => end(true))
      for (const failure of ['connect:retry', 'disconnect', 'handshake:error:auth'] as const) {
        events.on(failure, () => end(false))
      }
      try {
        socket.connect(endpoint)
      } catch {
        end(undefined)
      }
    })
  }

  /** Undefined if the context has no socket left, or the process no file descriptor. */
  #open(endpoint: string, key: PublicKey | undefined): Dealer | undefined {
    const { context, keys, timeout } = this.#options
    // libzmq knows nothing of our patience.
    const longest = timeout * LONGEST
    let socket: Dealer | undefined
    try {
      socket = newDealer({
        context,
        linger: 0,
        connectTimeout: longest,
        handshakeInterval: longest,
        ipv6: isIPv6Endpoint(endpoint),
        ...curveFor(keys, key),
      })
      // The monitor takes two more sockets, and may find none.
      void socket.events
      return socket
    } catch {
      socket?.close()
      return undefined
    }
  }

  close(): void {
    for (const end of this.#probes.values()) end()
  }
}
