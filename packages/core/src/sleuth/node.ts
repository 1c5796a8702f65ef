import type { Peer, ZreNode } from '@sleuth/zre'
import type { Calls } from '../client/calls.js'
import { Directory } from '../directory/directory.js'
import { peerInfo, toldPeerInfo } from '../directory/instance.js'
import type { Emission } from '../events/emission.js'
import type { EventBus } from '../events/event-bus.js'
import type { Inquiry } from '../introspection/inquiry.js'
import { emitChannel, publishInstance } from '../shared/diagnostics.js'
import { reasonOf, type SleuthError, sleuthError } from '../shared/errors.js'
import { aloud, logProblem, openLogger } from '../shared/log.js'
import type { NetworkParts } from '../shared/network.js'
import type { CheckedOptions } from '../shared/options.js'
import { Counters, countDropped } from '../shared/stats.js'
import { within } from '../shared/within.js'
import { PendingRequests } from '../transport/go/pending-requests.js'
import { ControlKind, isEvent, isInspect, isMembership } from '../transport/streams/format.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { RequestServer } from '../transport/transport.js'
import type { Logger, PeerInfo, RequestListener, SleuthStats, Subscription } from '../types.js'
import { onWorkerDisconnected } from './cluster.js'
import { type CreateNode, connect, warnOfInterface } from './connect.js'
import type { SubscribeArguments } from './emit-arguments.js'
import { Events } from './events.js'
import { ExpectedServices } from './expected-services.js'
import { HttpRequests } from './http-requests.js'
import { type JoinedParts, joinParts } from './join-parts.js'
import { openBus } from './open-bus.js'
import { openCalls } from './open-calls.js'
import { openSessions } from './open-sessions.js'
import { reportOf, WaitReporter } from './wait-report.js'
import { ServiceWaiters } from './waits.js'

/**
 * Milliseconds for which a service that leaves still rejects requests, at least: a call that waits for a link or for its body
 * may leave its caller after that has read LEAVE.
 */
const graceTime = 100

export interface JoinOptions {
  /** The app of an adapter, whose options have no handler. */
  readonly handler?: RequestListener | undefined
  /** The app can't answer, so its service is not offered. */
  readonly clientOnly?: boolean | undefined
  /** The node is on a network where TCP connections can be made: not so in tests, whose network is in memory. */
  readonly direct?: boolean | undefined
  /** What the node joins in place of the machine's network. */
  readonly network?: NetworkParts | undefined
  /** Writes a failure to stderr if the default logger is silent, because possibly nobody awaits the join. */
  readonly aloud?: boolean | undefined
}

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
  readonly #clientOnly: RequestServer = {
    accept: (_peer, _request, sink) => {
      countDropped(sleuthError('SLEUTH_NO_HANDLER').escalate('SLEUTH_REPL'), this.counters, this.log)
      sink.reject('overloaded')
    },
  }
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
    const chance = { now: () => performance.now(), random: Math.random }
    this.directory = new Directory(
      options,
      { balance: options.balance, ...chance },
      {
        up: (event) => {
          this.counters.warnings.write(this.log, 'info', event, 'an instance is up')
          this.waits.check()
          this.waitReporter.check()
          this.expected.up(event)
          this.caller.up(event.service)
          publishInstance('up', event)
          this.events.emit('up', event)
        },
        linked: (event) => this.expected.up(event),
        down: (event) => {
          this.counters.warnings.write(this.log, 'info', event, 'an instance is down')
          publishInstance('down', event)
          this.events.emit('down', event)
        },
      },
    )
    const parts = { options, counters: this.counters, log: this.log, ...chance, node: () => this.#node }
    this.bus = openBus({
      ...parts,
      events: this.events,
      directory: this.directory,
      isTaking: () => this.#leaving === undefined && this.#joined?.readiness.isReady !== false,
    })
    this.waits = new ServiceWaiters(this.directory)
    this.waitReporter = new WaitReporter(this.waits, (missing) => this.#reportWait(missing))
    this.expected = new ExpectedServices(this.directory, {
      direct: () => this.#joined?.direct,
      use: (service) => this.#joined?.introductions?.use(service),
    })
    this.#sessions = openSessions({
      ...parts,
      server: () => this.#joined?.server ?? this.#clientOnly,
      indirect: (peer) => this.#joined?.direct?.want(peer),
      control: (peer, kind, payload) => this.#control(peer, kind, payload),
    })
    this.caller = openCalls({
      ...parts,
      directory: this.directory,
      sessions: this.#sessions,
      pending: this.#pending,
      link: (instance) => this.#joined?.introductions?.link(instance),
    })
  }

  /** A frame of a peer that concerns no stream. */
  #control(peer: Peer, kind: number, payload: Buffer): void {
    if (isMembership(kind)) this.#joined?.introductions?.receive(peer.id, kind, payload)
    else if (isInspect(kind)) this.#joined?.introspection.receive(peer.id, kind, payload)
    else if (isEvent(kind)) this.bus.receive(peer, kind, payload)
    else if (kind === ControlKind.ready) this.#joined?.readiness.receive(peer.id, payload)
    else this.#joined?.direct?.control(peer.id, kind, payload)
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
    const isAwaited = (peer: string) => this.#isAwaited(peer)
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
      hasDirect,
      hasTcp: network === undefined,
    })
    const role = service ?? 'client-only'
    this.log.info({ id: node.id, endpoint: node.endpoint, service: role }, 'sleuth: joined')
  }

  #isAwaited(peer: string): boolean {
    return this.#sessions.hasStreams(peer) || this.#pending.isAwaited(peer)
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
    const seen = this.#node?.sightings().map((sighting) => peerInfo(sighting, this.options.group)) ?? []
    const ids = new Set(seen.map(({ id }) => id))
    const told = this.#joined?.introductions?.unlinked().filter(({ record }) => !ids.has(record.id)) ?? []
    return [...seen, ...told.map(toldPeerInfo)]
  }

  #reportWait(missing: string[]): void {
    if (this.#node === undefined) return
    const { dropped } = this.#node.stats()
    const { fields, message } = reportOf(missing, { sightings: this.#node.sightings(), dropped })
    const { endpoint } = this.#node
    this.log.warn({ ...fields, endpoint, port: this.options.port, group: this.options.group }, message)
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

  async #leave(node: ZreNode): Promise<void> {
    try {
      node.leave(this.options.group)
    } catch (error) {
      logProblem(this.log, 'warn', sleuthError('SLEUTH_LEAVE', { why: reasonOf(error) }))
    }
    this.bus.leave()
    this.#joined?.introductions?.leave()
    this.#joined?.direct?.leave()
    this.#joined?.readiness.close()
    if (this.#joined?.server === undefined) return
    const { server, router } = this.#joined
    const { drainTimeout } = this.options
    const grace = node.peers().length > 0 ? Math.min(this.#graceTime, drainTimeout) : 0
    await Promise.all([server.drain(drainTimeout), router.caughtUp(drainTimeout), passed(grace)])
  }

  async #stop(node: ZreNode): Promise<void> {
    const { drainTimeout } = this.options
    const end = performance.now() + drainTimeout
    await Promise.all([this.leave(), this.httpRequests.settled(drainTimeout)])
    this.#closed = true
    this.waitReporter.close()
    this.waits.rejectAll(() => sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 936] }))
    this.caller.close((mayHaveRun) => sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 934], mayHaveRun }))
    const timeLeft = () => Math.max(0, end - performance.now())
    await within(timeLeft(), this.bus.drained())
    await this.#sessions.drained(timeLeft())
    this.#sessions.force()
    await this.#joined?.direct?.close()
    this.#joined?.router.close()
    this.#joined?.introductions?.close()
    this.#joined?.introspection.close()
    this.bus.close()
    this.#sessions.close({ type: 'closed' })
    this.directory.clear('closed')
    try {
      await node.close()
    } catch (error) {
      logProblem(this.log, 'warn', sleuthError('SLEUTH_WARN_CLOSE', { why: reasonOf(error) }))
    }
    this.log.info({ id: node.id }, 'sleuth: left')
  }
}

async function passed(time: number): Promise<void> {
  if (time > 0) await new Promise((resolve) => setTimeout(resolve, time))
}
