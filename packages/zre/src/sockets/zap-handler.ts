import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Context, Router } from 'zeromq'
import { ZreError } from '../error.js'
import { keyFromBytes, type PublicKey } from '../wire/key.js'
import { decodeZapRequest, encodeZapReply } from '../wire/zap.js'
import { newRouter } from './new-socket.js'

export interface ZapOptions {
  readonly context: Context
  /** Never rejects. */
  isAllowed(key: PublicKey): Promise<boolean>
  onRefused(key: PublicKey | undefined, address: string): void
  onError(error: Error): void
}

/** Where libzmq asks, in each context. */
const ENDPOINT = 'inproc://zeromq.zap.01'

/** Milliseconds for libzmq's threads to take the name from the handler that the context had before. */
const FREE_MS = 2000
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

  private constructor(options: ZapOptions) {
    this.#options = options
    this.#socket = newRouter({ context: options.context, linger: 0 })
  }

  /** Must be there before a socket of the context is bound: without a handler libzmq lets everyone in. */
  static async open(options: ZapOptions): Promise<ZapHandler> {
    let handler: ZapHandler | undefined
    try {
      handler = new ZapHandler(options)
      await handler.#bind()
    } catch (error) {
      handler?.close()
      throw new ZreError('ZRE_PORT', `can't bind the ZAP handler: ${(error as Error).message}`, {
        cause: error,
      })
    }
    void handler.#serve()
    return handler
  }

  /**
   * The name may still be that of a handler which was closed. It can't be taken from it before: `unbind` of zeromq.js
   * works on the socket in another thread, while this one waits for its messages, and libzmq then aborts the process.
   */
  async #bind(): Promise<void> {
    for (const end = performance.now() + FREE_MS; ; await sleep(1)) {
      try {
        this.#socket.bindSync(ENDPOINT)
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() > end) throw error
      }
    }
  }

  /** Runs until the socket is closed. */
  async #serve(): Promise<void> {
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

  close(): void {
    this.#closed = true
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
