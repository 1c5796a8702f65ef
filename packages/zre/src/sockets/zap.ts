import { setImmediate as turn } from 'node:timers/promises'
import { type Context, Router } from 'zeromq'
import { keyFromBytes, type PublicKey } from '../wire/key.js'
import { decodeZapRequest, encodeZapReply } from '../wire/zap.js'

export interface ZapOptions {
  readonly context: Context
  /** Never rejects. */
  isAllowed(key: PublicKey): Promise<boolean>
  onRefused(key: PublicKey | undefined, address: string): void
  onError(error: Error): void
}

/** Where libzmq asks, in each context. */
const ENDPOINT = 'inproc://zeromq.zap.01'
/** zyre's. */
export const ZAP_DOMAIN = 'global'

/**
 * Whoever connects to a socket of this context is asked for here, after it has proved to hold the secret key of the public
 * one that it names. A ROUTER, so that one who is thought about does not keep the others waiting.
 */
export class ZapHandler {
  readonly #options: ZapOptions
  readonly #socket: Router
  #closed = false
  #replying: Promise<void> = Promise.resolve()

  /** Must be there before a socket of the context is bound: without a handler libzmq lets everyone in. */
  constructor(options: ZapOptions) {
    this.#options = options
    this.#socket = new Router({ context: options.context, linger: 0 })
    this.#socket.bindSync(ENDPOINT)
  }

  /** Runs until the socket is closed. */
  async serve(): Promise<void> {
    while (!this.#closed) {
      try {
        for await (const frames of this.#socket) void this.#answer(frames)
      } catch (error) {
        if (this.#closed) return
        this.#options.onError(error as Error)
        await turn()
      }
    }
  }

  /**
   * The name is free for the next socket of the context when this resolves; `close` alone frees it some time later, and
   * `unbindSync` of zeromq.js binds.
   */
  async close(): Promise<void> {
    this.#closed = true
    await this.#socket.unbind(ENDPOINT)
    this.#socket.close()
  }

  async #answer([routingId, delimiter, ...frames]: Buffer[]): Promise<void> {
    const request = decodeZapRequest(frames)
    const key = request === undefined ? undefined : keyFromBytes(request.key)
    const allowed = key !== undefined && (await this.#options.isAllowed(key))
    if (!allowed) this.#options.onRefused(key, request?.address ?? '')
    const requestId = frames[1] ?? Buffer.alloc(0)
    const reply = encodeZapReply(requestId, allowed ? 200 : 400, key)
    // One at a time: zeromq.js refuses a second.
    this.#replying = this.#replying.then(() =>
      this.#reply([routingId as Buffer, delimiter as Buffer, ...reply]),
    )
  }

  async #reply(frames: Buffer[]): Promise<void> {
    try {
      if (!this.#closed) await this.#socket.send(frames)
    } catch (error) {
      if (!this.#closed) this.#options.onError(error as Error)
    }
  }
}
