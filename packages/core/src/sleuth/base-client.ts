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

/** The two forms of a call: how it is read from what was given, and what is made of its reply. */
interface Form<C extends Call, Input, Init, Result> {
  read(input: Input, init: Init | undefined): C
  /** The call to make next, if that is what the reply says. */
  follow?(call: C, reply: Reply, options: CheckedOptions): C | undefined
  finish(call: C, reply: Reply, options: CheckedOptions): Result | Promise<Result>
}

const done: Form<FetchCall, DoInput, DoInit, Response> = { read: doCall, follow, finish: fetchResponse }

const fetched: Form<FetchCall, DoInput, FetchInit, Response> = { ...done, read: fetchCall }

const lean: Form<Call, string, RequestOptions, LeanResponse> = {
  read: leanCall,
  finish: (_, reply, { limits }) => leanResponse(reply, limits.unzipped),
}

/** What the client of a node and the clients of its requests have in common. */
export abstract class BaseClient implements Sleuth {
  abstract readonly do: Sleuth['do']
  abstract readonly fetch: Sleuth['fetch']
  abstract readonly request: Sleuth['request']
  readonly #member: Node

  constructor(member: Node) {
    this.#member = member
  }

  get [brand](): true {
    return true
  }

  /** `origin`: the request that the call is made for. */
  protected doFor(origin: RequestContext | undefined, input: DoInput, init?: DoInit): Promise<Response> {
    return this.#call(done, origin, input, init)
  }

  protected fetchFor(
    origin: RequestContext | undefined,
    input: DoInput,
    init?: FetchInit,
  ): Promise<Response> {
    return this.#call(fetched, origin, input, init)
  }

  protected requestFor(
    origin: RequestContext | undefined,
    url: string,
    init?: RequestOptions,
  ): Promise<LeanResponse> {
    return this.#call(lean, origin, url, init)
  }

  /** The call has ended when `finish` has. */
  async #call<C extends Call, Input, Init, Result>(
    form: Form<C, Input, Init, Result>,
    origin: RequestContext | undefined,
    input: Input,
    init: Init | undefined,
  ): Promise<Result> {
    const member = this.#member
    const { counters } = member
    counters.calls++
    let call: C | undefined
    try {
      member.openNode(934)
      call = form.read(input, init)
      let reply = await member.caller.call(call, origin)
      for (let next = form.follow?.(call, reply, member.options); next !== undefined; ) {
        counters.answers++
        publishCall(call, { status: reply.code })
        counters.calls++
        call = next
        reply = await member.caller.call(call, origin)
        next = form.follow?.(call, reply, member.options)
      }
      const result = await form.finish(call, reply, member.options)
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
    const { waits, waitReporter, counters, log } = this.#member
    try {
      const list = serviceList(services)
      const options = waitOptions(given)
      this.#member.openNode(936)
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
    return this.#member.directory.services()
  }

  peers(): PeerInfo[] {
    return this.#member.peers()
  }

  on<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#member.events.on(event, listener)
    return this
  }

  once<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#member.events.once(event, listener)
    return this
  }

  off<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#member.events.off(event, listener)
    return this
  }

  stats(): SleuthStats {
    const { counters, caller, nodeStats } = this.#member
    return counters.snapshot(caller.waiting, nodeStats)
  }

  leave(): Promise<void> {
    return this.#member.leave()
  }

  async close(): Promise<void> {
    if (this.#member.closing) throw sleuthError('SLEUTH_CLOSED')
    await this.#member.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
