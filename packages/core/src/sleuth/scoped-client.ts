import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestContext } from '../client/request-context.js'
import type { Node } from '../node/node.js'
import type { EmittedEvent, Sleuth, SubscribeOptions, Subscription } from '../types.js'
import { BaseClient } from './base-client.js'
import { doForm, fetchForm, requestForm } from './forms.js'

/** Of a client: makes that of one of its requests. It has a name, so a client of another copy of this package makes its own. */
export const scope: unique symbol = Symbol.for('sleuth.scope')

/** The methods that the clients of requests have of their own. */
export type Doubled = 'do' | 'fetch' | 'request' | 'emit'

/** The client of the node, for which requests are answered. */
export interface DoubledClient extends Pick<Sleuth, 'subscribe'> {
  /** What a test has put in place of a method. */
  doubleOf<M extends Doubled>(method: M): Sleuth[M] | undefined
}

interface Scopable {
  [scope]?(req: IncomingMessage, res: ServerResponse | undefined): Sleuth
}

/**
 * For adapters: the client of one request. Its calls inherit the time that is left, end when the caller hangs up, and carry the
 * trace headers of the request. In all else it is like `sleuth`. `res` may be left out if a framework does not give it.
 */
export function scoped(sleuth: Sleuth, req: IncomingMessage, res?: ServerResponse): Sleuth {
  return (sleuth as Scopable)[scope]?.(req, res) ?? sleuth
}

/**
 * Makes its methods properties of its own, which the mocks of every test runner take: `mock.method` and `vi.spyOn` refuse accessors.
 * For tests alone: it takes longer than to make the client.
 */
export function replaceable(client: ScopedClient): Sleuth {
  for (const method of ['do', 'fetch', 'request', 'emit'] as const) {
    const own = { writable: true, enumerable: true, configurable: true }
    Object.defineProperty(client, method, { ...own, value: client[method] })
  }
  return client
}

/** Every request has one, so it holds only a few references until it is used. A test may replace its methods. */
export class ScopedClient extends BaseClient {
  readonly #base: DoubledClient
  readonly #req: IncomingMessage
  readonly #res: ServerResponse | undefined
  #madeFor: RequestContext | undefined
  #do: Sleuth['do'] | undefined
  #fetch: Sleuth['fetch'] | undefined
  #request: Sleuth['request'] | undefined
  #emit: Sleuth['emit'] | undefined

  constructor(base: DoubledClient, node: Node, req: IncomingMessage, res: ServerResponse | undefined) {
    super(node)
    this.#base = base
    this.#req = req
    this.#res = res
  }

  get do(): Sleuth['do'] {
    this.#do ??=
      this.#base.doubleOf('do') ??
      ((input, init) => this.call(doForm, this.#originOf(init?.inherit), input, init))
    return this.#do
  }

  set do(double: Sleuth['do']) {
    this.#do = double
  }

  get fetch(): Sleuth['fetch'] {
    this.#fetch ??=
      this.#base.doubleOf('fetch') ??
      ((input, init) => this.call(fetchForm, this.#originOf(init?.sleuth?.inherit), input, init))
    return this.#fetch
  }

  set fetch(double: Sleuth['fetch']) {
    this.#fetch = double
  }

  get request(): Sleuth['request'] {
    this.#request ??=
      this.#base.doubleOf('request') ??
      ((url, init) => this.call(requestForm, this.#originOf(init?.inherit), url, init))
    return this.#request
  }

  set request(double: Sleuth['request']) {
    this.#request = double
  }

  get emit(): Sleuth['emit'] {
    this.#emit ??=
      this.#base.doubleOf('emit') ??
      ((topic, data, options) => this.emitFor(this.#originOf(options?.inherit), topic, data, options))
    return this.#emit
  }

  set emit(double: Sleuth['emit']) {
    this.#emit = double
  }

  /** It belongs to no request, and lasts until it is closed. A test may have replaced that of the node's client. */
  override subscribe<Data = unknown>(
    pattern: string,
    listener: (event: EmittedEvent<Data>) => unknown,
    options?: SubscribeOptions,
  ): Subscription {
    return this.#base.subscribe(pattern, listener, options)
  }

  #originOf(inherit: boolean | undefined): RequestContext | undefined {
    if (inherit === false) return undefined
    this.#madeFor ??= new RequestContext(this.#req, this.#res)
    return this.#madeFor
  }
}
