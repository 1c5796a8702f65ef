import type { Call, FetchCall, Reply } from '../client/call.js'
import { doCall, fetchCall } from '../client/do.js'
import { follow } from '../client/redirect.js'
import { leanCall, leanResponse } from '../client/request.js'
import type { RequestContext } from '../client/request-context.js'
import { fetchResponse } from '../client/response.js'
import { serviceList, waitOptions } from '../directory/service-waiters.js'
import { brand } from '../shared/brand.js'
import { publishCall } from '../shared/diagnostics.js'
import { sleuthError } from '../shared/errors.js'
import { logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options.js'
import type {
  DoInit,
  DoInput,
  FetchInit,
  LeanResponse,
  PeerInfo,
  RequestOptions,
  Service,
  Sleuth,
  SleuthEvents,
  SleuthStats,
  WaitOptions,
} from '../types.js'
import type { Node } from './node.js'

/** What differs between `do`, `fetch` and `request`: how their arguments are read, and what they return. */
interface Form<C extends Call, Input, Init, Result> {
  read(input: Input, init: Init | undefined): C
  /** The next call, if the reply is a redirect to follow. */
  follow?(call: C, reply: Reply, options: CheckedOptions): C | undefined
  finish(call: C, reply: Reply, options: CheckedOptions): Result | Promise<Result>
}

export const doForm: Form<FetchCall, DoInput, DoInit, Response> = {
  read: doCall,
  follow,
  finish: fetchResponse,
}

export const fetchForm: Form<FetchCall, DoInput, FetchInit, Response> = { ...doForm, read: fetchCall }

export const requestForm: Form<Call, string, RequestOptions, LeanResponse> = {
  read: leanCall,
  finish: (_, reply, { limits }) => leanResponse(reply, limits.unzipped),
}

/** What the client of a node and the clients of its requests share. */
export abstract class BaseClient implements Sleuth {
  abstract readonly do: Sleuth['do']
  abstract readonly fetch: Sleuth['fetch']
  abstract readonly request: Sleuth['request']
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  get [brand](): true {
    return true
  }

  /**
   * Makes a call of any form. `origin` is the request that it is made for. The call ends when `finish` ends, so that a body
   * which can't be read counts as a failed call.
   */
  protected async call<C extends Call, Input, Init, Result>(
    form: Form<C, Input, Init, Result>,
    origin: RequestContext | undefined,
    input: Input,
    init: Init | undefined,
  ): Promise<Result> {
    const node = this.#node
    const { counters } = node
    counters.calls++
    let call: C | undefined
    try {
      node.openNode(934)
      call = form.read(input, init)
      let reply = await node.caller.call(call, origin)
      for (let next = form.follow?.(call, reply, node.options); next !== undefined; ) {
        counters.answers++
        publishCall(call, { status: reply.code })
        counters.calls++
        call = next
        reply = await node.caller.call(call, origin)
        next = form.follow?.(call, reply, node.options)
      }
      const result = await form.finish(call, reply, node.options)
      counters.answers++
      publishCall(call, { status: reply.code })
      return result
    } catch (error) {
      counters.failed(error)
      if (call) publishCall(call, { error })
      throw error
    }
  }

  async waitFor(services: string | readonly string[], given?: WaitOptions | number | null): Promise<void> {
    const { waits, waitReporter, counters, log } = this.#node
    try {
      const list = serviceList(services)
      const options = waitOptions(given)
      this.#node.openNode(936)
      const required = new Set(list)
      if (required.size !== list.length) {
        logProblem(log, 'warn', sleuthError('SLEUTH_WARN_DUPLICATE', { services: list.join(', ') }))
      }
      const found = waits.add(required, options)
      waitReporter.begin()
      await found
    } catch (error) {
      counters.failed(error)
      throw error
    }
  }

  services(): Service[] {
    return this.#node.directory.services()
  }

  peers(): PeerInfo[] {
    return this.#node.peers()
  }

  on<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#node.events.on(event, listener)
    return this
  }

  once<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#node.events.once(event, listener)
    return this
  }

  off<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#node.events.off(event, listener)
    return this
  }

  stats(): SleuthStats {
    const { counters, caller } = this.#node
    return counters.snapshot(caller.waiting, this.#node.stats())
  }

  leave(): Promise<void> {
    return this.#node.leave()
  }

  async close(): Promise<void> {
    if (this.#node.closing) throw sleuthError('SLEUTH_CLOSED')
    await this.#node.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
