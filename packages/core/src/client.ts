import type { IncomingMessage, ServerResponse } from 'node:http'
import { BaseClient } from './base-client.js'
import type { CreateNode } from './connect.js'
import { Membership } from './membership.js'
import type { CheckedOptions } from './options.js'
import { ScopedClient, scope } from './scoped.js'
import type { DoInit, DoInput, LeanResponse, RequestListener, RequestOptions, Sleuth } from './types.js'

/** What `createSleuth` gives. An adapter's is there before its network is joined. */
export class Client extends BaseClient {
  readonly #member: Membership

  /** `hint` says what to do before the first call, to those that come too early. */
  constructor(options: CheckedOptions, hint: string) {
    const member = new Membership(options, hint)
    super(member)
    this.#member = member
  }

  readonly do = (input: DoInput, init?: DoInit): Promise<Response> => this.doFor(undefined, input, init)

  readonly fetch = this.do

  readonly request = (url: string, init?: RequestOptions): Promise<LeanResponse> =>
    this.requestFor(undefined, url, init)

  /** Once only. `handler` is for those that had none in their options. */
  join(createNode: CreateNode, handler?: RequestListener): Promise<void> {
    return this.#member.join(createNode, handler)
  }

  /** The first half of `close`: callers go elsewhere, and the requests in flight are answered. Does not throw. */
  leave(): Promise<void> {
    return this.#member.leave()
  }

  /** As `close`, for those that may come second: they get the first one's promise. */
  shutdown(): Promise<void> {
    return this.#member.close()
  }

  [scope](req: IncomingMessage, res: ServerResponse | undefined): Sleuth {
    return new ScopedClient(this.#member, req, res)
  }
}
