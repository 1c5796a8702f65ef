import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Peer, ZreNode } from '@sleuth/zre'
import { brand } from './brand.js'
import type { Reply } from './call/attempt.js'
import type { Call } from './call/call.js'
import { Caller } from './call/caller.js'
import { fetchCall } from './call/do.js'
import type { Origin } from './call/origin.js'
import { Pending } from './call/pending.js'
import { leanCall, leanResponse } from './call/request.js'
import { fetchResponse } from './call/response.js'
import { type CreateNode, connect } from './connect.js'
import { publishCall } from './diagnostics.js'
import { Directory } from './directory/directory.js'
import { isGo } from './directory/instance.js'
import { serviceList, Waits } from './directory/waits.js'
import { dropMessage } from './drop.js'
import { reasonOf, sleuthError } from './errors.js'
import { Events } from './events.js'
import { Inbound } from './inbound.js'
import type { IncomingRequest, Link } from './link/link.js'
import { Links } from './link/links.js'
import { logProblem, openLogger } from './log.js'
import type { CheckedOptions } from './options.js'
import { type Base, ScopedClient, scope } from './scoped.js'
import { Serving } from './serving.js'
import { Counters } from './stats.js'
import type {
  DoInit,
  DoInput,
  LeanResponse,
  Logger,
  RequestListener,
  RequestOptions,
  Service,
  Sleuth,
  SleuthEvents,
  SleuthStats,
  WaitOptions,
} from './types.js'

/**
 * Milliseconds for which a service that has said that it leaves still refuses what comes: who has not read it yet would wait
 * for an answer, and not know whether its request ran.
 */
const graceTime = 100

/** A member of the network, from before it joins until after it has left. */
export class Client implements Base {
  readonly [brand] = true
  readonly #options: CheckedOptions
  readonly #hint: string
  readonly #log: Logger
  readonly #counters = new Counters()
  readonly #events = new Events()
  readonly #directory: Directory
  readonly #waits: Waits
  readonly #pending = new Pending()
  readonly #links: Links
  readonly #caller: Caller
  #node: ZreNode | undefined
  #serving: Serving | undefined
  #joining: Promise<void> | undefined
  #joinError: unknown
  #leaving: Promise<void> | undefined
  #closing: Promise<void> | undefined

  /** `hint` says what to do before the first call, to those that come too early. */
  constructor(options: CheckedOptions, hint: string) {
    this.#options = options
    this.#hint = hint
    this.#log = openLogger(options)
    const chance = { now: () => performance.now(), random: Math.random }
    this.#directory = new Directory(
      options,
      { balance: options.balance, ...chance },
      {
        up: (event) => {
          this.#log.info(event, 'sleuth: an instance is up')
          this.#waits.check()
          this.#caller.up(event.service)
          this.#events.emit('up', event)
        },
        down: (event) => {
          this.#log.info(event, 'sleuth: an instance is down')
          this.#events.emit('down', event)
        },
      },
    )
    this.#waits = new Waits(this.#directory)
    this.#links = new Links({
      mostBuffered: options.limits.buffered,
      overfull: () => this.#counters.dropped('peer-buffered'),
      send: (peer, packet) => this.#node?.whisper(peer, packet),
      backlog: (peer) => this.#node?.backlog(peer) ?? 0,
      accept: (link, id, request) => this.#accept(link, id, request),
      unsent: (peer, cause) => {
        const values = { peer, why: reasonOf(cause) }
        dropMessage(sleuthError('SLEUTH_RESPONSE_WHISPER', values, { cause }), this.#counters, this.#log)
      },
    })
    this.#caller = new Caller({
      options,
      directory: this.#directory,
      pending: this.#pending,
      links: this.#links,
      counters: this.#counters,
      log: this.#log,
      ...chance,
    })
  }

  /** Once only. `handler` is for those that had none in their options. */
  join(createNode: CreateNode, handler = this.#options.handler): Promise<void> {
    this.#joining ??= this.#join(createNode, handler).catch((error) => {
      this.#joinError = error
      // An adapter's join may have nobody who awaits it.
      if (!this.#closing) this.#log.error({ err: error }, 'sleuth: could not join')
      throw error
    })
    return this.#joining
  }

  async #join(createNode: CreateNode, handler: RequestListener | undefined): Promise<void> {
    const { service, enabled } = this.#options
    if (this.#closing) throw sleuthError('SLEUTH_CLOSED')
    if (service !== undefined && handler === undefined) throw sleuthError('SLEUTH_HANDLER', { service })
    if (!enabled) return
    const node = await connect(createNode, this.#options, this.#log)
    if (this.#closing) {
      await node.close()
      throw sleuthError('SLEUTH_CLOSED')
    }
    this.#node = node
    const shared = { node, options: this.#options, counters: this.#counters, log: this.#log }
    if (service !== undefined && handler !== undefined)
      this.#serving = new Serving({ ...shared, service, handler })
    this.#listen(
      node,
      new Inbound({ ...shared, serving: this.#serving, pending: this.#pending, links: this.#links }),
    )
    const role = service ?? 'client-only'
    this.#log.info({ id: node.id, endpoint: node.endpoint, service: role }, 'sleuth: joined')
  }

  #listen(node: ZreNode, inbound: Inbound): void {
    const add = (peer: Peer) => {
      try {
        this.#directory.add(peer)
      } catch (error) {
        dropMessage(error, this.#counters, this.#log)
      }
    }
    // One of ours is in its group from the start: if it is not, it is leaving. A Go peer joins after it has come.
    const enter = (peer: Peer) => {
      if (isGo(peer) || peer.groups.has(this.#options.group)) add(peer)
    }
    node.on('enter', enter)
    node.on('join', (peer, group) => {
      if (group === this.#options.group) add(peer)
    })
    node.on('leave', (peer, group) => {
      if (group === this.#options.group) this.#directory.remove(peer.id, 'left')
    })
    node.on('exit', (peer, reason) => {
      this.#directory.remove(peer.id, reason)
      this.#pending.peerGone(peer.id, reason)
      if (reason === 'restarted') this.#links.renewed(peer.id, { type: 'gone', reason })
      else this.#links.gone(peer.id, { type: 'gone', reason })
      this.#serving?.peerGone(peer.id)
    })
    node.on('whisper', (peer, [content]) => inbound.receive(peer, content as Buffer))
    for (const peer of node.peers()) enter(peer)
  }

  #accept(link: Link, id: string, request: IncomingRequest): void {
    const peer = this.#node?.peer(id)
    if (peer === undefined) return
    try {
      if (this.#serving === undefined) throw sleuthError('SLEUTH_NO_HANDLER').escalate('SLEUTH_REPL')
      this.#serving.accept(link, peer, request)
    } catch (error) {
      dropMessage(error, this.#counters, this.#log)
    }
  }

  readonly do = (input: DoInput, init?: DoInit): Promise<Response> => this.doFor(undefined, input, init)

  readonly fetch = this.do

  readonly request = (url: string, init?: RequestOptions): Promise<LeanResponse> =>
    this.requestFor(undefined, url, init)

  doFor(origin: Origin | undefined, input: DoInput, init?: DoInit): Promise<Response> {
    return this.#call(
      origin,
      () => fetchCall(input, init),
      ({ url, method }, reply) => fetchResponse(url, method, reply),
    )
  }

  requestFor(origin: Origin | undefined, url: string, init?: RequestOptions): Promise<LeanResponse> {
    return this.#call(
      origin,
      () => leanCall(url, init),
      (_, reply) => leanResponse(reply, this.#options.limits.unzipped),
    )
  }

  [scope](req: IncomingMessage, res: ServerResponse | undefined): Sleuth {
    return new ScopedClient(this, req, res)
  }

  /** The call has ended when `finish` has. */
  async #call<C extends Call, R>(
    origin: Origin | undefined,
    read: () => C,
    finish: (call: C, reply: Reply) => R | Promise<R>,
  ): Promise<R> {
    this.#counters.calls++
    let call: C | undefined
    try {
      const node = this.#openNode(934)
      call = read()
      const reply = await this.#caller.call(node, call, origin)
      const result = await finish(call, reply)
      this.#counters.answers++
      publishCall(call, { status: reply.code })
      return result
    } catch (error) {
      this.#counters.failed(error)
      if (call) publishCall(call, { error })
      throw error
    }
  }

  /**
   * `trace` is Go's number for what can not be done without a network. A handler that is still answering when we close
   * may need others for its answer.
   */
  #openNode(trace: number): ZreNode {
    if (this.#closing && !this.#serving?.busy) throw sleuthError('SLEUTH_CLOSED', {}, { codes: [935, trace] })
    if (!this.#options.enabled) throw sleuthError('SLEUTH_DISABLED', {}, { codes: [1003, trace] })
    if (this.#node === undefined) {
      const more = { codes: [1004, trace], retryable: true, cause: this.#joinError }
      throw sleuthError('SLEUTH_NOT_JOINED', { hint: this.#hint }, more)
    }
    return this.#node
  }

  async waitFor(services: string | readonly string[], options?: WaitOptions | null): Promise<void> {
    try {
      const list = serviceList(services)
      this.#openNode(936)
      const required = new Set(list)
      if (required.size !== list.length) {
        logProblem(this.#log, 'warn', sleuthError('SLEUTH_WARN_DUPLICATE', { services: list.join(', ') }))
      }
      await this.#waits.add(required, options ?? {})
    } catch (error) {
      this.#counters.failed(error)
      throw error
    }
  }

  services(): Service[] {
    return this.#directory.services()
  }

  on<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#events.on(event, listener)
    return this
  }

  once<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#events.once(event, listener)
    return this
  }

  off<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this {
    this.#events.off(event, listener)
    return this
  }

  stats(): SleuthStats {
    return this.#counters.snapshot(this.#caller.waiting, this.#node?.stats())
  }

  async close(): Promise<void> {
    if (this.#closing) throw sleuthError('SLEUTH_CLOSED')
    await this.shutdown()
  }

  /** As `close`, for those that may come second: they get the first one's promise. */
  shutdown(): Promise<void> {
    this.#closing ??= this.#shutdown()
    return this.#closing
  }

  async #shutdown(): Promise<void> {
    // A join that is under way finds this closed, and closes its node.
    await this.#joining?.catch(() => {})
    if (this.#node) await this.#stop(this.#node)
  }

  /** The first half of `close`: callers go elsewhere, and the requests in flight are answered. Does not throw. */
  async leave(): Promise<void> {
    if (this.#node === undefined) return
    this.#leaving ??= this.#leave(this.#node)
    await this.#leaving
  }

  async #leave(node: ZreNode): Promise<void> {
    try {
      node.leave(this.#options.group)
    } catch (error) {
      logProblem(this.#log, 'warn', sleuthError('SLEUTH_LEAVE', { why: reasonOf(error) }))
    }
    if (this.#serving === undefined) return
    const { drainTimeout } = this.#options
    const grace = node.peers().length > 0 ? Math.min(graceTime, drainTimeout) : 0
    await Promise.all([this.#serving.drain(drainTimeout), passed(grace)])
  }

  async #stop(node: ZreNode): Promise<void> {
    await this.leave()
    this.#waits.rejectAll(() => sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 936] }))
    this.#caller.close((mayHaveRun) => sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 934], mayHaveRun }))
    this.#links.flush()
    this.#links.close({ type: 'closed' })
    this.#directory.clear('closed')
    try {
      await node.close()
    } catch (error) {
      logProblem(this.#log, 'warn', sleuthError('SLEUTH_WARN_CLOSE', { why: reasonOf(error) }))
    }
    this.#log.info({ id: node.id }, 'sleuth: left')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function passed(time: number): Promise<void> {
  if (time > 0) await new Promise((resolve) => setTimeout(resolve, time))
}
