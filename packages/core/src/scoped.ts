import type { IncomingMessage, ServerResponse } from 'node:http'
import { brand } from './brand.js'
import { Origin } from './call/origin.js'
import type {
  DoInit,
  DoInput,
  LeanResponse,
  RequestOptions,
  Service,
  Sleuth,
  SleuthEvents,
  SleuthStats,
  WaitOptions,
} from './types.js'

// By its name, a client of another copy of this package makes its own.
export const scope: unique symbol = Symbol.for('sleuth.scope')

interface Scopable {
  [scope]?(req: IncomingMessage, res: ServerResponse | undefined): Sleuth
}

/** What a request's client calls through. */
export interface Base extends Sleuth {
  doFor(origin: Origin, input: DoInput, init?: DoInit): Promise<Response>
  requestFor(origin: Origin, url: string, init?: RequestOptions): Promise<LeanResponse>
}

/**
 * For adapters: the client of one request. Its calls inherit what time is left, end when the caller has hung up, and
 * carry trace headers along; in all else it is `sleuth`. `res` may be left out where a framework does not tell it.
 */
export function scoped(sleuth: Sleuth, req: IncomingMessage, res?: ServerResponse): Sleuth {
  return (sleuth as Scopable)[scope]?.(req, res) ?? sleuth
}

/** Made for every request, so it holds three references until it is called. */
export class ScopedClient implements Sleuth {
  readonly #base: Base
  readonly #req: IncomingMessage
  readonly #res: ServerResponse | undefined
  #madeFor: Origin | undefined
  #do: Sleuth['do'] | undefined
  #request: Sleuth['request'] | undefined

  constructor(base: Base, req: IncomingMessage, res: ServerResponse | undefined) {
    this.#base = base
    this.#req = req
    this.#res = res
  }

  get [brand](): true {
    return true
  }

  get #origin(): Origin {
    this.#madeFor ??= new Origin(this.#req, this.#res)
    return this.#madeFor
  }

  get do(): Sleuth['do'] {
    this.#do ??= (input, init) =>
      init?.inherit === false ? this.#base.do(input, init) : this.#base.doFor(this.#origin, input, init)
    return this.#do
  }

  get fetch(): Sleuth['fetch'] {
    return this.do
  }

  get request(): Sleuth['request'] {
    this.#request ??= (url, init) =>
      init?.inherit === false ? this.#base.request(url, init) : this.#base.requestFor(this.#origin, url, init)
    return this.#request
  }

  waitFor(services: string | readonly string[], options?: WaitOptions): Promise<void> {
    return this.#base.waitFor(services, options)
  }

  services(): Service[] {
    return this.#base.services()
  }

  on<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#base.on(event, listener)
    return this
  }

  once<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#base.once(event, listener)
    return this
  }

  off<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#base.off(event, listener)
    return this
  }

  stats(): SleuthStats {
    return this.#base.stats()
  }

  close(): Promise<void> {
    return this.#base.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
