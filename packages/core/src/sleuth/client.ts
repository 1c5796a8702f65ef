import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reply } from '../client/call.js'
import type { CreateNode } from '../node/connect.js'
import type { JoinOptions } from '../node/join-options.js'
import { Node } from '../node/node.js'
import type { SleuthError } from '../shared/errors.js'
import { aloud, logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { RequestOptions, Sleuth } from '../types.js'
import { BaseClient } from './base-client.js'
import { doForm, fetchForm, forwardForm, requestForm } from './forms.js'
import { type Doubled, type DoubledClient, replaceable, ScopedClient, scope } from './scoped-client.js'

const forwards = Symbol('forwards')

/** The result of `createSleuth`. An adapter has it before it joins the network. */
export class Client extends BaseClient implements DoubledClient {
  readonly #node: Node

  /** `hint` ends the message of `SLEUTH_NOT_JOINED`: what to do before the first call. */
  constructor(options: CheckedOptions, hint: string) {
    const node = new Node(options, hint)
    super(node)
    this.#node = node
  }

  readonly do: Sleuth['do'] = (input, init) => this.call(doForm, undefined, input, init)
  readonly fetch: Sleuth['fetch'] = (input, init) => this.call(fetchForm, undefined, input, init)
  readonly request: Sleuth['request'] = (url, init) => this.call(requestForm, undefined, url, init)
  readonly emit: Sleuth['emit'] = (topic, data, options) => this.emitFor(undefined, topic, data, options)
  readonly #own: Pick<Sleuth, Doubled> = {
    do: this.do,
    fetch: this.fetch,
    request: this.request,
    emit: this.emit,
  }

  /** What a test has put in place of a method. The clients of requests use it, too. */
  doubleOf<M extends Doubled>(method: M): Sleuth[M] | undefined {
    return this[method] === this.#own[method] ? undefined : (this as Sleuth)[method]
  }

  /** Call it only once. */
  join(createNode: CreateNode, how?: JoinOptions): Promise<void> {
    return this.#node.join(createNode, how)
  }

  [forwards](url: string, init: RequestOptions): Promise<Reply> {
    return this.call(forwardForm, undefined, url, init)
  }

  /** Logs a warning, to stderr if the default logger is silent. */
  warn(problem: SleuthError): void {
    const { log, options } = this.#node
    logProblem(aloud(log, options), 'warn', problem)
  }

  /** `close` waits for the response to a request over HTTP, whose handler may call others. */
  waitsFor(res: ServerResponse): void {
    this.#node.httpRequests.add(res)
  }

  /** As `close`, but a second call returns the promise of the first. */
  shutdown(): Promise<void> {
    return this.#node.close()
  }

  /** Ends as if it were killed, without a word of the user, whose first `close` stays valid. */
  end(): Promise<void> {
    this.#node.httpRequests.forget()
    return this.#node.end()
  }

  [scope](req: IncomingMessage, res: ServerResponse | undefined): Sleuth {
    const client = new ScopedClient(this, this.#node, req, res)
    return this.#node.isTested ? replaceable(client) : client
  }
}

/**
 * For proxies: a call as `request` makes it, whose response is as it came. The headers alternate names and values, and a body
 * that is on its way must be read to its end or cancelled. `sleuth` is what `createSleuth` of this copy of the package gave.
 */
export function forward(sleuth: Sleuth, url: string, init: RequestOptions): Promise<Reply> {
  return (sleuth as Client)[forwards](url, init)
}
