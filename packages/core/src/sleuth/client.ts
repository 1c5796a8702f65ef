import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SleuthError } from '../shared/errors.js'
import { aloud, logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options.js'
import type { DoInit, DoInput, FetchInit, LeanResponse, RequestOptions, Sleuth } from '../types.js'
import { BaseClient, doForm, fetchForm, requestForm } from './base-client.js'
import type { CreateNode } from './connect.js'
import { type JoinOptions, Node } from './node.js'
import { ScopedClient, scope } from './scoped-client.js'

/** What `createSleuth` gives. An adapter's is there before its network is joined. */
export class Client extends BaseClient {
  readonly #node: Node

  /** `hint` ends the message of `SLEUTH_NOT_JOINED`: what to do before the first call. */
  constructor(options: CheckedOptions, hint: string) {
    const node = new Node(options, hint)
    super(node)
    this.#node = node
  }

  readonly do = (input: DoInput, init?: DoInit): Promise<Response> =>
    this.call(doForm, undefined, input, init)

  readonly fetch = (input: DoInput, init?: FetchInit): Promise<Response> =>
    this.call(fetchForm, undefined, input, init)

  readonly request = (url: string, init?: RequestOptions): Promise<LeanResponse> =>
    this.call(requestForm, undefined, url, init)

  /** Once only. */
  join(createNode: CreateNode, how?: JoinOptions): Promise<void> {
    return this.#node.join(createNode, how)
  }

  /** A warning that is written to stderr where the default logger is silent. */
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

  [scope](req: IncomingMessage, res: ServerResponse | undefined): Sleuth {
    return new ScopedClient(this.#node, req, res)
  }
}
