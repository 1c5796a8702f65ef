import type { Call } from '../client/call.js'
import { CallTrace } from '../client/call-trace.js'
import type { RequestContext } from '../client/request-context.js'
import type { Node } from '../node/node.js'
import { attemptChannel, callChannel } from '../shared/diagnostics.js'
import { LAST_SLOT, SLOTS_PER_MS } from '../shared/durations.js'
import { sleuthError } from '../shared/errors.js'
import { logProblem } from '../shared/log.js'
import type {
  EmitOptions,
  EmittedEvent,
  InspectOptions,
  InspectSubject,
  PeerInfo,
  Reports,
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
import { emitArguments, subscribeArguments } from './emit-arguments.js'
import type { Form } from './forms.js'
import { inspectArguments } from './inspect-arguments.js'
import { metricsText } from './metrics.js'
import { OneService } from './service-client.js'
import { type AwaitedInput, awaitedList, awaitedOf, loadForAll, waitOptions } from './wait-arguments.js'

/** A property of every `Sleuth`. */
const brand: unique symbol = Symbol.for('sleuth.client')

/** It is true for a client of another copy of this package, too. */
export function isSleuth(value: unknown): value is Sleuth {
  return typeof value === 'object' && value !== null && brand in value
}

/** The common part of a node's client and of the clients of its requests. */
export abstract class BaseClient implements Sleuth {
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
