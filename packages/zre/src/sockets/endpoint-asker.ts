import type { Context } from 'zeromq'
import type { Identity } from '../wire/identify.js'
import type { PublicKey } from '../wire/key.js'
import { returnContext, takeContext } from './contexts.js'
import type { Keys } from './curve.js'
import { Identifier } from './identifier.js'
import { Prober, SOCKETS_PER_PROBE } from './prober.js'

/** Probes and questions that run at a time. */
const MAX_AT_A_TIME = 64
const SPARE_SOCKETS = 16

/** Looks at endpoints from outside, without a node: for tools that find out why two nodes do not meet. */
export class EndpointAsker {
  readonly #context: Context
  readonly #prober: Prober
  readonly #identifier: Identifier

  /** `keys`: ours, where there is encryption. `timeout`: milliseconds for a handshake. */
  constructor({ keys, timeout }: { readonly keys?: Keys | undefined; readonly timeout: number }) {
    this.#context = takeContext(MAX_AT_A_TIME * SOCKETS_PER_PROBE * 2 + SPARE_SOCKETS)
    this.#prober = new Prober({ context: this.#context, keys, timeout, maxProbes: MAX_AT_A_TIME })
    this.#identifier = new Identifier({ context: this.#context, keys })
  }

  /** Whether a handshake of ZMTP succeeds, with encryption that of CURVE. `undefined`: it could not be tried. */
  shakeHands(endpoint: string, key: PublicKey | undefined): Promise<boolean | undefined> {
    return this.#prober.probe(endpoint, key)
  }

  /** Who is there. `undefined`: nobody of this library, or nobody who answers. */
  identify(endpoint: string, key: PublicKey | undefined): Promise<Identity | undefined> {
    return this.#identifier.ask(endpoint, key)
  }

  close(): void {
    this.#prober.close()
    this.#identifier.close()
    returnContext(this.#context)
  }
}
