import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SleuthError } from '../shared/errors.js'
import { aloud, logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options.js'
import type { DoInit, DoInput, FetchInit, LeanResponse, RequestOptions, Sleuth } from '../types.js'
import { BaseClient } from './base-client.js'
import type { CreateNode } from './connect.js'
import { type JoinOptions, Node } from './node.js'
import { ScopedClient, scope } from './scoped-client.js'

/** What `createSleuth` gives. An adapter's is there before its network is joined. */
export class Client extends BaseClient {
  readonly #member: Node

  /** `hint` says what to do before the first call, to those that come too early. */
  constructor(options: CheckedOptions, hint: string) {
    const member = new Node(options, hint)
    super(member)
    this.#member = member
  }

  readonly do = (input: DoInput, init?: DoInit): Promise<Response> => this.doFor(undefined, input, init)

  readonly fetch = (input: DoInput, init?: FetchInit): Promise<Response> =>
    this.fetchFor(undefined, input, init)

  readonly request = (url: string, init?: RequestOptions): Promise<LeanResponse> =>
    this.requestFor(undefined, url, init)

  /** Once only. */
  join(createNode: CreateNode, how?: JoinOptions): Promise<void> {
    return this.#member.join(createNode, how)
  }

  /** A warning that is written to stderr where the default logger is silent. */
  warn(problem: SleuthError): void {
    const { log, options } = this.#member
    logProblem(aloud(log, options), 'warn', problem)
  }

  /** `close` waits for the response to a request over HTTP, whose handler may call others. */
  waitsFor(res: ServerResponse): void {
    this.#member.httpRequests.add(res)
  }

  /** As `close`, for those that may come second: they get the first one's promise. */
  shutdown(): Promise<void> {
    return this.#member.close()
  }

  [scope](req: IncomingMessage, res: ServerResponse | undefined): Sleuth {
    return new ScopedClient(this.#member, req, res)
  }
}
