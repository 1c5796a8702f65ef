import type { Context, Dealer } from 'zeromq'
import { decodeIdentity, encodeQuestion, type Identity, identifyRoutingId } from '../wire/identify.js'
import type { PublicKey } from '../wire/key.js'
import { curveFor, type Keys } from './curve.js'
import { isIPv6Endpoint } from './ipv6.js'
import { newDealer } from './new-socket.js'

export interface IdentifierOptions {
  readonly context: Context
  /** Ours, where there is encryption. */
  readonly keys: Keys | undefined
}

/** Milliseconds for connection, handshake, question and answer: some six ways there and back. */
const ANSWER_MS = 2000
/** An answer is small, and no other message is read. */
const MAX_ANSWER = 1024

/**
 * Asks a node who it is, over a connection of its own that ends with the answer. Its event loop answers: a node that is busy is
 * asked again later.
 */
export class Identifier {
  readonly #options: IdentifierOptions
  readonly #open = new Set<Dealer>()

  constructor(options: IdentifierOptions) {
    this.#options = options
  }

  /** Undefined when nobody answers, or nobody could be asked. */
  async ask(endpoint: string, key: PublicKey | undefined): Promise<Identity | undefined> {
    let socket: Dealer | undefined
    const timer = setTimeout(() => this.#close(socket), ANSWER_MS)
    try {
      socket = this.#connect(endpoint, key)
      await socket.send(encodeQuestion())
      return decodeIdentity(await socket.receive())
    } catch {
      // The time is over, the connection failed, the node is being closed, or there are no more descriptors.
      return undefined
    } finally {
      clearTimeout(timer)
      this.#close(socket)
    }
  }

  close(): void {
    for (const socket of this.#open) this.#close(socket)
  }

  #connect(endpoint: string, key: PublicKey | undefined): Dealer {
    const { context, keys } = this.#options
    const socket: Dealer = newDealer({
      context,
      linger: 0,
      connectTimeout: ANSWER_MS,
      handshakeInterval: ANSWER_MS,
      maxMessageSize: MAX_ANSWER,
      ipv6: isIPv6Endpoint(endpoint),
      ...curveFor(keys, key),
      // The typings say string; the id is bytes.
      routingId: identifyRoutingId() as unknown as string,
    })
    this.#open.add(socket)
    try {
      // The monitor takes two more sockets, and may find none.
      const { events } = socket
      for (const failure of ['connect:retry', 'disconnect', 'handshake:error:auth'] as const) {
        events.on(failure, () => this.#close(socket))
      }
      socket.connect(endpoint)
      return socket
    } catch (error) {
      this.#close(socket)
      throw error
    }
  }

  /** Ends a `send` or `receive` that waits. */
  #close(socket: Dealer | undefined): void {
    if (socket !== undefined && this.#open.delete(socket)) socket.close()
  }
}
