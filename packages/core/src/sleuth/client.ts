import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Call, FetchCall, Reply } from '../client/call.js'
import { CallTrace } from '../client/call-trace.js'
import { doCall, fetchCall } from '../client/do.js'
import { follow } from '../client/redirect.js'
import { leanCall, leanResponse } from '../client/request.js'
import { RequestContext } from '../client/request-context.js'
import { fetchResponse } from '../client/response.js'
import { attemptChannel, callChannel } from '../shared/diagnostics.js'
import { LAST_SLOT, SLOTS_PER_MS } from '../shared/durations.js'
import { type SleuthError, sleuthError } from '../shared/errors.js'
import { aloud, logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options.js'
import type {
  DoInit,
  DoInput,
  EmitOptions,
  EmittedEvent,
  FetchInit,
  InspectOptions,
  InspectSubject,
  LeanResponse,
  PeerInfo,
  Reports,
  RequestOptions,
  Service,
  ServiceClient,
  ServiceDefaults,
  Sleuth,
  SleuthEvents,
  SleuthStats,
  SubscribeOptions,
  Subscription,
  WaitOptions,
} from '../types.js'
import { type AwaitedInput, awaitedList, awaitedOf, loadForAll } from './awaited.js'
import type { CreateNode } from './connect.js'
import { emitArguments, subscribeArguments } from './emit-arguments.js'
import { inspectArguments } from './inspect-arguments.js'
import { metricsText } from './metrics.js'
import { type JoinOptions, Node } from './node.js'
import { OneService } from './service-client.js'
import { waitOptions } from './waits.js'

/** A property of every `Sleuth`. */
const brand: unique symbol = Symbol.for('sleuth.client')

// The symbol has a name, so a client of another copy of this package makes its own scoped client.
const scope: unique symbol = Symbol.for('sleuth.scope')

const forwards = Symbol('forwards')

/** It is true for a client of another copy of this package, too. */
export function isSleuth(value: unknown): value is Sleuth {
  return typeof value === 'object' && value !== null && brand in value
}

/** The difference between `do`, `fetch` and `request`: how they read their arguments, and what they return. */
interface Form<C extends Call, Input, Init, Result> {
  read(input: Input, init: Init | undefined): C
  /** The next call, if the reply is a redirect to follow. */
  follow?(call: C, reply: Reply, options: CheckedOptions): C | undefined
  finish(call: C, reply: Reply, options: CheckedOptions): Result | Promise<Result>
}

const doForm: Form<FetchCall, DoInput, DoInit, Response> = {
  read: doCall,
  follow,
  finish: fetchResponse,
}

const fetchForm: Form<FetchCall, DoInput, FetchInit, Response> = { ...doForm, read: fetchCall }

/** The body stays on its way. */
const forwardForm: Form<Call, string, RequestOptions, Reply> = {
  read: leanCall,
  finish: (_call, reply) => reply,
}

const requestForm: Form<Call, string, RequestOptions, LeanResponse> = {
  read: leanCall,
  finish: leanResponse,
}

/** The common part of a node's client and of the clients of its requests. */
abstract class BaseClient implements Sleuth {
  abstract readonly do: Sleuth['do']
  abstract readonly fetch: Sleuth['fetch']
  abstract readonly request: Sleuth['request']
  abstract readonly emit: Sleuth['emit']
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  get [brand](): true {
    return true
  }

  /**
   * Makes a call of any form. `origin`: the request that it is made for. The call ends when `finish` ends, so a call whose body
   * can't be read counts as failed.
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
    let trace: CallTrace | undefined
    let hasFailed = 0
    try {
      node.openNode(934)
      for (let current = form.read(input, init); ; ) {
        call = current
        const isTraced = callChannel.hasSubscribers || attemptChannel.hasSubscribers
        trace = isTraced ? traceOf(current) : undefined
        const reply = await (trace?.send(node.caller, origin) ?? node.caller.call(current, origin))
        const next: C | undefined = form.follow?.(current, reply, node.options)
        if (next === undefined) {
          const finished = form.finish(current, reply, node.options)
          const result = finished instanceof Promise ? await finished : finished
          counters.answers++
          trace?.answered(reply.code)
          return result
        }
        counters.answers++
        trace?.answered(reply.code)
        counters.calls++
        current = next
      }
    } catch (error) {
      hasFailed = 1
      counters.failed(error)
      trace?.failed(error)
      throw error
    } finally {
      if (call !== undefined && call.tries > 0) {
        const { service } = call.target
        const durations = counters.callsOf.get(service) ?? counters.newService(service)
        const duration = performance.now() - call.begunAt
        const slot = Math.min(LAST_SLOT, 32 - Math.clz32(duration * SLOTS_PER_MS))
        ;(durations.slots[slot] as number)++
        durations.sum += duration
        durations.errors += hasFailed
      } else if (call !== undefined) counters.unsent(call.target.service)
    }
  }

  async waitFor(services: AwaitedInput, given?: WaitOptions | number | null): Promise<void> {
    const { waits, waitReporter, expected, counters, log } = this.#node
    try {
      const list = awaitedList(services)
      const options = waitOptions(given)
      const loading = loadForAll(list)
      if (loading !== undefined) await loading
      const required = list.map(awaitedOf)
      const { joining } = this.#node
      if (joining === undefined) this.#node.openNode(936)
      const names = required.flatMap(({ service, selector }) => (selector === undefined ? [service] : []))
      if (new Set(names).size !== names.length) {
        logProblem(log, 'warn', sleuthError('SLEUTH_WARN_DUPLICATE', { services: names.join(', ') }))
      }
      const endsAt = performance.now() + (options.timeout ?? Infinity)
      const found = waits.add(required, options)
      const asked = new Set(required.map(({ service }) => service))
      // A join that fails rejects the wait.
      if (joining !== undefined) joining.then(() => expected.add(asked)).catch(() => {})
      else expected.add(asked)
      waitReporter.begin()
      await found
      await expected.ready(asked, endsAt - performance.now())
    } catch (error) {
      counters.failed(error)
      throw error
    }
  }

  service(name: string, defaults?: ServiceDefaults): ServiceClient {
    return new OneService(this, name, defaults)
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

  /** Emits an event. `origin`: the request that it is emitted for. */
  protected async emitFor(
    origin: RequestContext | undefined,
    topic: string,
    data: unknown,
    options: EmitOptions | undefined,
  ): Promise<number> {
    try {
      return await this.#node.emit(emitArguments(topic, data, options, origin?.inherited ?? []))
    } catch (error) {
      this.#node.counters.failed(error)
      throw error
    }
  }

  subscribe<Data = unknown>(
    pattern: string,
    listener: (event: EmittedEvent<Data>) => unknown,
    options?: SubscribeOptions,
  ): Subscription {
    return this.#node.subscribe(subscribeArguments(pattern, listener, options))
  }

  stats(): SleuthStats {
    return this.#node.stats()
  }

  async inspect<S extends InspectSubject>(
    peer: string,
    subject: S,
    init?: InspectOptions | null,
  ): Promise<Reports[S]> {
    const { counters } = this.#node
    try {
      const question = inspectArguments(peer, subject, init)
      // It is what the peer says of itself: see `Report`.
      return (await this.#node.inspect(question)) as Reports[S]
    } catch (error) {
      counters.failed(error)
      throw error
    }
  }

  metrics(): string {
    const { callsOf: calls, requestDurations: requests } = this.#node.counters
    return metricsText({ stats: this.stats(), services: this.services(), calls, requests })
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

function traceOf(call: Call): CallTrace {
  const trace = new CallTrace(call)
  call.trace = trace
  return trace
}

/** The methods that the clients of requests have of their own. */
type Doubled = 'do' | 'fetch' | 'request' | 'emit'

/** The result of `createSleuth`. An adapter has it before it joins the network. */
export class Client extends BaseClient {
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

  /** Leaves without a word of the user, whose first `close` stays valid. */
  end(): Promise<void> {
    return this.#node.end()
  }

  [scope](req: IncomingMessage, res: ServerResponse | undefined): Sleuth {
    return new ScopedClient(this, this.#node, req, res)
  }
}

/**
 * For proxies: a call as `request` makes it, whose response is as it came. The headers alternate names and values, and a body
 * that is on its way must be read to its end or cancelled. `sleuth` is what `createSleuth` of this copy of the package gave.
 */
export function forward(sleuth: Sleuth, url: string, init: RequestOptions): Promise<Reply> {
  return (sleuth as Client)[forwards](url, init)
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

/** Every request has one, so it holds only a few references until it is used. A test may replace its methods. */
class ScopedClient extends BaseClient {
  readonly #base: Client
  readonly #req: IncomingMessage
  readonly #res: ServerResponse | undefined
  #madeFor: RequestContext | undefined
  #do: Sleuth['do'] | undefined
  #fetch: Sleuth['fetch'] | undefined
  #request: Sleuth['request'] | undefined
  #emit: Sleuth['emit'] | undefined

  constructor(base: Client, node: Node, req: IncomingMessage, res: ServerResponse | undefined) {
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
