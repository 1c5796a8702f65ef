import { setImmediate as turn } from 'node:timers/promises'
import type { Context, Router } from 'zeromq'
import type { Receiver } from '../transport.js'
import { type AcceptingOptions, watchAccepting } from './accept-monitor.js'
import { Delivery } from './delivery.js'
import { newRouter } from './new-socket.js'
import { uninterrupted } from './uninterrupted.js'
import { ZAP_DOMAIN } from './zap-handler.js'

export interface InboxOptions extends AcceptingOptions {
  readonly context: Context
  readonly maxMessageSize: number
  /** Lets in only those who prove to hold a key that the ZAP handler of the context lets in. */
  readonly secretKey?: string | undefined
  onError(error: Error): void
}

/** Milliseconds for a handshake, which takes two turns between I/O threads. Who is silent holds a descriptor no longer. */
const HANDSHAKE_MS = 5000
/** What encryption adds to a frame. */
export const BOX_BYTES = 64

/** Turns of the event loop after which nobody waits any longer for what has come to be handed on. */
export const MAX_TURNS = 100

/** `full`: the connection takes nothing now. `gone`: there is no such connection. */
export type SendResult = 'sent' | 'full' | 'gone'

/** The ROUTER that every peer's mailbox connects to. */
export class Inbox {
  readonly #options: InboxOptions
  readonly #socket: Router
  readonly #delivery: Delivery<Buffer[]>
  #receiver: Receiver | undefined

  constructor(options: InboxOptions) {
    const { context, maxMessageSize, secretKey } = options
    this.#options = options
    this.#delivery = new Delivery((message, at) => this.#deliver(message, at))
    this.#socket = newRouter({
      context,
      // A peer that lost its connection comes back under the same routing id, perhaps before the old one is seen to be dead.
      handover: true,
      // libzmq stops reading from a peer at the mark, heartbeats included, and then holds it for dead.
      receiveHighWaterMark: 0,
      // What can't leave at once, or has nobody to go to, is an error.
      sendTimeout: 0,
      mandatory: true,
      maxMessageSize: maxMessageSize + (secretKey === undefined ? 0 : BOX_BYTES),
      linger: 0,
      handshakeInterval: HANDSHAKE_MS,
      ...(secretKey === undefined
        ? {}
        : { curveServer: true, curveSecretKey: secretKey, zapDomain: ZAP_DOMAIN }),
    })
    void watchAccepting(this.#socket.events, options)
  }

  /**
   * Binds to a port of an address, or to any that is free, and gives the port. Can be called again for another address. At
   * once: while an asynchronous `bind` is under way, zeromq.js refuses to receive.
   */
  bind(address: string, port: number | undefined): number {
    const ipv6 = address.includes(':')
    // It counts for what is bound from now on.
    this.#socket.ipv6 = ipv6
    this.#socket.bindSync(`tcp://${ipv6 ? `[${address}]` : address}:${port ?? '*'}`)
    const endpoint = uninterrupted(() => this.#socket.lastEndpoint ?? '')
    return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
  }

  /** Runs until the socket is closed. The frames of a message are the receiver's. */
  async receive(receiver: Receiver): Promise<void> {
    this.#receiver = receiver
    while (!this.#socket.closed) {
      try {
        // Not by `for await`, which makes two more promises for each message.
        const room = this.#delivery.add(await this.#socket.receive())
        if (room !== undefined) await room
      } catch (error) {
        if (this.#socket.closed) return
        this.#options.onError(error as Error)
        await turn()
      }
    }
  }

  /** Sends over the connection that has this routing id. At once or not at all: no peer waits for another. */
  async send(routingId: Buffer, frames: readonly Buffer[]): Promise<SendResult> {
    try {
      await this.#socket.send([routingId, ...frames])
      return 'sent'
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 'full' : 'gone'
    }
  }

  /** Calls back, in a later turn, when what has come by now is handed on. */
  whenRead(callback: () => void, turns = MAX_TURNS): void {
    setImmediate(() => {
      if (this.#delivery.busy && turns > 0) this.whenRead(callback, turns - 1)
      else callback()
    })
  }

  #deliver(frames: Buffer[], at: number): void {
    try {
      this.#receiver?.onMessage(frames, at)
    } catch (error) {
      this.#options.onError(error as Error)
    }
  }

  close(): void {
    this.#socket.close()
  }
}
