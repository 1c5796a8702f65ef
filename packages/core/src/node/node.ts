import type { ZreNode } from '@sleuth/zre'
import type { Calls } from '../client/calls.js'
import type { Directory } from '../directory/directory.js'
import { peerInfos } from '../directory/peer-info.js'
import type { Emission } from '../events/emission.js'
import type { EventBus } from '../events/event-bus.js'
import type { SubscribeArguments } from '../events/own-subscription.js'
import type { Inquiry } from '../introspection/inquiry.js'
import { emitChannel } from '../shared/diagnostics.js'
import { type SleuthError, sleuthError } from '../shared/errors.js'
import { aloud, openLogger } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { Counters } from '../shared/stats.js'
import { PendingRequests } from '../transport/go/pending-requests.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Logger, PeerInfo, SleuthStats, Subscription } from '../types.js'
import { onWorkerDisconnected } from './cluster.js'
import { type CreateNode, connect, warnOfInterface } from './connect.js'
import { Events } from './events.js'
import { ExpectedServices } from './expected-services.js'
import { HttpRequests } from './http-requests.js'
import type { JoinOptions } from './join-options.js'
import { type JoinedParts, joinParts } from './join-parts.js'
import { closeParts, leaveNetwork } from './leave.js'
import { noService } from './no-service.js'
import { openBus } from './open-bus.js'
import { openCalls } from './open-calls.js'
import { wayOf } from './open-direct.js'
import { openDirectory } from './open-directory.js'
import { openSessions } from './open-sessions.js'
import { logWait, WaitReporter } from './wait-report.js'
import { ServiceWaiters } from './waits.js'

/**
 * Milliseconds for which a service that leaves still rejects requests, at least: a call that waits for a link or for its body
 * may leave its caller after that has read LEAVE.
 */
const graceTime = 100

/** A member of the network, from before it joins until after it has left. */
export class Node {
  readonly options: CheckedOptions
  readonly log: Logger
  readonly counters = new Counters()
  readonly events = new Events()
  readonly directory: Directory
  readonly waits: ServiceWaiters
  readonly waitReporter: WaitReporter
  readonly expected: ExpectedServices
  readonly caller: Calls
  readonly httpRequests = new HttpRequests()
  readonly bus: EventBus
  /** It has no network, or one in memory: it is in a test. */
  isTested: boolean
  readonly #hint: string
  #graceTime = graceTime
  readonly #pending = new PendingRequests()
  readonly #sessions: Sessions
  #node: ZreNode | undefined
  #joined: JoinedParts | undefined
  #joining: Promise<void> | undefined
  #joinError: unknown
  #leaving: Promise<void> | undefined
  #closing: Promise<void> | undefined
  /** Whether a user has called `close`, and not only the cluster. */
  #closeAsked = false
  #closed = false
  #forget = () => {}

  /** `hint` ends the message of `SLEUTH_NOT_JOINED`: what to do before the first call. */
  constructor(options: CheckedOptions, hint: string) {
    this.options = options
    this.#hint = hint
    this.isTested = !options.enabled
    this.log = openLogger(options)
    const shared = { options, counters: this.counters, log: this.log, events: this.events }
    const chance = { now: () => performance.now(), random: Math.random }
    this.directory = openDirectory({
      ...shared,
      ...chance,
      up: (event) => {
        this.waits.check()
        this.waitReporter.check()
        this.expected.up(event)
        this.caller.up(event.service)
      },
      linked: (event) => this.expected.up(event),
    })
    const parts = { ...shared, ...chance, node: () => this.#node }
    this.bus = openBus({
      ...parts,
      directory: this.directory,
      isTaking: () => this.#leaving === undefined && this.#joined?.readiness.isReady !== false,
    })
    this.waits = new ServiceWaiters(this.directory)
    this.waitReporter = new WaitReporter(this.waits, (missing) =>
      logWait(missing, this.#node, options, this.log),
    )
    this.expected = new ExpectedServices(this.directory, {
      direct: () => this.#joined?.direct,
      use: (service) => this.#joined?.introductions?.use(service),
    })
    const rejecting = noService(this.counters, this.log)
    this.#sessions = openSessions({
      ...parts,
      server: () => this.#joined?.server ?? rejecting,
      indirect: (peer) => this.#joined?.direct?.want(peer),
      control: (peer, kind, payload) => this.#joined?.control(peer, kind, payload),
    })
    this.caller = openCalls({
      ...parts,
      directory: this.directory,
      sessions: this.#sessions,
      pending: this.#pending,
      link: (instance) => this.#joined?.introductions?.link(instance),
    })
  }

  /** Call it only once. */
  join(createNode: CreateNode, how: JoinOptions = {}): Promise<void> {
    this.#joining ??= this.#join(createNode, how).catch((error) => {
      this.#joinError = error
      this.#forget()
      this.waits.rejectAll(() => this.#refusal(936))
      const log = how.aloud ? aloud(this.log, this.options) : this.log
      if (!this.#closing) log.error({ err: error }, 'sleuth: could not join')
      throw error
    })
    return this.#joining
  }

  async #join(createNode: CreateNode, how: JoinOptions): Promise<void> {
    const { handler = this.options.handler, network, direct: hasDirect = false } = how
    const options = how.clientOnly ? { ...this.options, service: undefined } : this.options
    const { service, enabled } = options
    if (this.#closing) throw sleuthError('SLEUTH_CLOSED')
    if (service !== undefined && handler === undefined) throw sleuthError('SLEUTH_HANDLER', { service })
    if (!enabled) return
    this.isTested = network !== undefined
    this.#forget = onWorkerDisconnected(() => {
      this.log.info({}, 'sleuth: the cluster has disconnected this worker, so it leaves')
      void this.end()
    })
    const isAwaited = (peer: string) => this.#sessions.hasStreams(peer) || this.#pending.isAwaited(peer)
    const way = hasDirect ? await wayOf(options) : undefined
    const node = await connect(createNode, options, this.log, isAwaited, () => this.#joined?.introductions)
    if (network === undefined) warnOfInterface(node, options, this.log)
    else this.#graceTime = network.graceTime
    if (this.#closing) {
      await node.close()
      throw sleuthError('SLEUTH_CLOSED')
    }
    this.#node = node
    this.#joined = joinParts({
      node,
      options,
      counters: this.counters,
      log: this.log,
      directory: this.directory,
      bus: this.bus,
      sessions: this.#sessions,
      pending: this.#pending,
      handler,
      isAwaited,
      stats: () => this.stats(),
      way,
      hasTcp: network === undefined,
    })
    const role = service ?? 'client-only'
    this.log.info({ id: node.id, endpoint: node.endpoint, service: role }, 'sleuth: joined')
  }

  /**
   * `trace`: Go's number for what can't be done without a network. A handler that still works on a response while the node
   * closes, over sleuth or over HTTP, may need other services for it.
   */
  openNode(trace: number): ZreNode {
    const mayCall =
      !this.#closing || (!this.#closed && (this.#joined?.server?.busy || this.httpRequests.busy))
    if (!mayCall || this.#node === undefined) throw this.#refusal(trace)
    return this.#node
  }

  #refusal(trace: number): SleuthError {
    if (this.#closing) return sleuthError('SLEUTH_CLOSED', {}, { codes: [935, trace] })
    if (!this.options.enabled) return sleuthError('SLEUTH_DISABLED', {}, { codes: [1003, trace] })
    const more = { codes: [1004, trace], retryable: true, cause: this.#joinError }
    return sleuthError('SLEUTH_NOT_JOINED', { hint: this.#hint }, more)
  }

  /** While a join is under way: resolves when the node has joined. */
  get joining(): Promise<void> | undefined {
    const isUnderWay = this.#node === undefined && this.#joinError === undefined && this.options.enabled
    return isUnderWay && !this.#closing ? this.#joining : undefined
  }

  stats(): SleuthStats {
    return this.counters.snapshot(this.caller.waiting, this.#node?.stats())
  }

  /** Asks a peer, or this node itself, about itself. */
  async inspect(question: Inquiry): Promise<object> {
    this.openNode(1068)
    return (this.#joined as JoinedParts).introspection.ask(question)
  }

  /** Resolves to the number of subscribers that an event was handed to. */
  async emit(emission: Emission): Promise<number> {
    if (!this.options.enabled && !this.#closing) return 0
    this.openNode(1080)
    if (emitChannel.hasSubscribers) emitChannel.publish(emission.traced())
    return this.bus.emit(emission)
  }

  subscribe({ pattern, listener, concurrency }: SubscribeArguments): Subscription {
    if (this.#closing) throw sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 1080] })
    return this.bus.subscribe(pattern, listener, concurrency)
  }

  /** All nodes that this one has heard of. */
  peers(): PeerInfo[] {
    const told = this.#joined?.introductions?.unlinked()
    return peerInfos(this.#node?.sightings(), told, this.options.group)
  }

  /** Whether a user has called `close`. If only the cluster has closed the node, the user's first `close` is still valid. */
  get closing(): boolean {
    return this.#closeAsked
  }

  /** Leaves, and closes the node. A second call returns the promise of the first. */
  close(): Promise<void> {
    this.#closeAsked = true
    return this.end()
  }

  /** As `close`, where no user has asked for it. */
  end(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    // A join in progress finds this closed, and closes its node.
    await this.#joining?.catch(() => {})
    this.#forget()
    if (this.#node) await this.#stop(this.#node)
  }

  /** Tells callers to use other instances, and lets the requests in flight finish. It does not throw, and leaves only once. */
  async leave(): Promise<void> {
    // If there is a node, the others are told before this returns.
    if (this.#node === undefined) await this.#joining?.catch(() => {})
    if (this.#node === undefined) return
    this.#leaving ??= this.#leave(this.#node)
    await this.#leaving
  }

  #leave(node: ZreNode): Promise<void> {
    return leaveNetwork({
      node,
      options: this.options,
      log: this.log,
      bus: this.bus,
      joined: this.#joined,
      graceTime: this.#graceTime,
    })
  }

  async #stop(node: ZreNode): Promise<void> {
    const { drainTimeout } = this.options
    const end = performance.now() + drainTimeout
    await Promise.all([this.leave(), this.httpRequests.settled(drainTimeout)])
    this.#closed = true
    await closeParts({
      node,
      log: this.log,
      bus: this.bus,
      joined: this.#joined,
      sessions: this.#sessions,
      directory: this.directory,
      calls: this.caller,
      waits: this.waits,
      waitReporter: this.waitReporter,
      timeLeft: () => Math.max(0, end - performance.now()),
    })
  }
}
