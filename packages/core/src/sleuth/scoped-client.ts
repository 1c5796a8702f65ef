import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestContext } from '../client/request-context.js'
import type { Sleuth } from '../types.js'
import { BaseClient, doForm, fetchForm, requestForm } from './base-client.js'
import type { Node } from './node.js'

// By its name, a client of another copy of this package makes its own.
export const scope: unique symbol = Symbol.for('sleuth.scope')

interface Scopable {
  [scope]?(req: IncomingMessage, res: ServerResponse | undefined): Sleuth
}

/**
 * For adapters: the client of one request. Its calls inherit what time is left, end when the caller has hung up, and
 * carry trace headers along; in all else it is `sleuth`. `res` may be left out where a framework does not tell it.
 */
export function scoped(sleuth: Sleuth, req: IncomingMessage, res?: ServerResponse): Sleuth {
  return (sleuth as Scopable)[scope]?.(req, res) ?? sleuth
}

/** Made for every request, so it holds three references until it is called. */
export class ScopedClient extends BaseClient {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse | undefined
  #madeFor: RequestContext | undefined
  #do: Sleuth['do'] | undefined
  #fetch: Sleuth['fetch'] | undefined
  #request: Sleuth['request'] | undefined

  constructor(node: Node, req: IncomingMessage, res: ServerResponse | undefined) {
    super(node)
    this.#req = req
    this.#res = res
  }

  get do(): Sleuth['do'] {
    this.#do ??= (input, init) => this.call(doForm, this.#originOf(init?.inherit), input, init)
    return this.#do
  }

  get fetch(): Sleuth['fetch'] {
    this.#fetch ??= (input, init) => this.call(fetchForm, this.#originOf(init?.sleuth?.inherit), input, init)
    return this.#fetch
  }

  get request(): Sleuth['request'] {
    this.#request ??= (url, init) => this.call(requestForm, this.#originOf(init?.inherit), url, init)
    return this.#request
  }

  #originOf(inherit: boolean | undefined): RequestContext | undefined {
    if (inherit === false) return undefined
    this.#madeFor ??= new RequestContext(this.#req, this.#res)
    return this.#madeFor
  }
}
