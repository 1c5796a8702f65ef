import type { Peer, ZreNode } from '@sleuth/zre'
import { announcedWire, serviceOf } from '../directory/instance.js'
import { sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import type { EmittedEvent, Logger, SleuthPeer, Subscription } from '../types.js'
import { Announcer } from './announcer.js'
import { AwaitedSubscribers } from './awaited-subscribers.js'
import type { Emission } from './emission.js'
import { decodeEvent, decodeTopics, EventKind, MAX_HEAD } from './format.js'
import type { Way } from './outgoing.js'
import type { EventListener } from './own-subscription.js'
import { OwnWay } from './own-way.js'
import { type Subscriber, Subscribers } from './subscribers.js'
import { Subscriptions } from './subscriptions.js'
import { TurnBudget } from './turn-budget.js'
import { unreadable } from './unreadable.js'

export interface EventBusOptions {
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  readonly call: (listener: EventListener, event: EmittedEvent) => unknown
  readonly came: (event: EmittedEvent, failed: (error: unknown) => void) => void
  /** See `SubscribersOptions`. */
  readonly rank: (id: string) => number
}

/** The network, once the node has joined it. */
export interface EventNetwork {
  readonly node: ZreNode
  /** This node as listeners see it. */
  readonly self: SleuthPeer
  readonly peerOf: (peer: Peer) => SleuthPeer
  readonly way: (peer: string) => Way
  /** Sends a frame at once. May throw. */
  readonly send: (peer: string, kind: number, payload: Buffer) => void
  /** This node has subscriptions, or has none any more. */
  readonly subscribes: (subscribes: boolean) => void
}

/** Events between the nodes of a group: those that this node emits, and those that it subscribes to. */
export class EventBus {
  readonly #parts: EventBusOptions
  readonly #subscriptions: Subscriptions
  readonly #subscribers: Subscribers
  readonly #sources = new WeakMap<Peer, SleuthPeer>()
  #network: EventNetwork | undefined
  #announcer: Announcer | undefined
  readonly #own = new OwnWay((payload) => this.#deliver(payload))
  readonly #awaited = new AwaitedSubscribers(({ topic, to }) => this.#subscribers.of(topic, to).length > 0)
  readonly #turn = new TurnBudget()
  #emitted = 0

  constructor(parts: EventBusOptions) {
    this.#parts = parts
    const { counters, log, call, came, rank } = parts
    const { patterns, eventQueue } = parts.options.limits
    this.#subscriptions = new Subscriptions({
      maxPatterns: patterns,
      maxQueued: eventQueue,
      counters,
      log,
      call,
      came,
      changed: (list) => this.#changed(list),
    })
    this.#subscribers = new Subscribers({ maxQueued: eventQueue, rank, random: Math.random })
  }

  /** The node has joined. What was subscribed to before has an effect from now on. */
  join(network: EventNetwork): void {
    const { node } = network
    this.#network = network
    const announcer = new Announcer({ peers: () => this.#listening(), send: network.send })
    this.#announcer = announcer
    node.on('enter', (peer) => {
      if (this.#listens(peer)) announcer.enter(peer.id)
    })
    node.on('exit', ({ id }) => announcer.gone(id))
    node.on('leave', ({ id }, group) => {
      if (group === this.#parts.options.group) this.gone(id)
    })
    const { patterns } = this.#subscriptions
    if (patterns.length > 0) this.#changed(patterns)
  }

  subscribe(pattern: string, listener: EventListener, concurrency: number): Subscription {
    return this.#subscriptions.add(pattern, listener, concurrency)
  }

  /** Resolves to the number of subscribers that it was handed to, when more may follow. */
  async emit(emission: Emission): Promise<number> {
    const { counters } = this.#parts
    counters.emits++
    let subscribers = this.#subscribers.of(emission.topic, emission.to)
    if (subscribers.length === 0) {
      if (emission.waitFor === 0) return 0
      await this.#awaited.wait(emission)
      // Those that came may have gone meanwhile.
      subscribers = this.#subscribers.of(emission.topic, emission.to)
    }
    if (subscribers.length === 0) return 0
    const payload = emission.encode(++this.#emitted, this.#parts.options.limits.event)
    let handed = 0
    const waits: Promise<void>[] = []
    const turn = this.#turn.spend(payload.length * subscribers.length)
    if (turn !== undefined) waits.push(turn)
    for (const subscriber of subscribers) {
      if (!subscriber.outgoing.push(payload)) {
        this.#full(subscriber)
        continue
      }
      handed++
      const paced = subscriber.outgoing.paced()
      if (paced !== undefined) waits.push(paced)
    }
    counters.eventsSent += handed
    if (waits.length > 0) await emission.wait(Promise.all(waits))
    return handed
  }

  #full({ id, service = 'client-only' }: Subscriber): void {
    const { counters, log } = this.#parts
    counters.dropped('event-queue')
    const who = `the subscriber ${id} (${service})`
    counters.warnings.warn(log, sleuthError('SLEUTH_EVENT_QUEUE', { who }))
  }

  /** A peer sent a frame. It may be gone since then: what it has emitted before comes. */
  receive(peer: Peer, kind: number, payload: Buffer): void {
    if (this.#network === undefined) return
    if (kind === EventKind.topics) this.#hear(peer, payload)
    else if (kind === EventKind.event) this.#take(peer, payload)
  }

  #hear(peer: Peer, payload: Buffer): void {
    const { options, counters, log } = this.#parts
    // It is leaving, or one of another group.
    if (!peer.groups.has(options.group)) return
    const patterns = decodeTopics(payload)
    if (patterns === undefined) {
      unreadable(counters, log, 'the subscriptions', 'they are no patterns of topics')
      return
    }
    const most = options.limits.patterns
    if (patterns.length > most)
      unreadable(counters, log, `${patterns.length - most} subscriptions`, 'see options.limits.patterns')
    const { way } = this.#network as EventNetwork
    const service = serviceOf(peer, options.group)
    this.#subscribers.set(peer.id, service, patterns.slice(0, most), () => way(peer.id))
    this.#awaited.check()
  }

  #take(peer: Peer, payload: Buffer): void {
    const { options, counters, log } = this.#parts
    const isFit = payload.length <= options.limits.event + MAX_HEAD
    const event = isFit ? decodeEvent(payload) : undefined
    if (event === undefined) {
      unreadable(counters, log, 'an event', isFit ? 'it can not be read' : 'see options.limits.event')
      return
    }
    let source = this.#sources.get(peer)
    if (source === undefined) {
      source = (this.#network as EventNetwork).peerOf(peer)
      this.#sources.set(peer, source)
    }
    this.#subscriptions.deliver(event, payload.length, source)
  }

  /** A peer is gone, or leaves. What was on its way to it is lost. */
  gone(id: string): void {
    const lost = this.#subscribers.remove(id)
    if (lost > 0) this.#parts.counters.dropped('event-unsent', lost)
  }

  /** This node leaves: others send it no events any more. */
  leave(): void {
    this.#announcer?.close()
  }

  /** This node is gone: what waits is lost. */
  close(): void {
    this.#announcer?.close()
    this.#awaited.close()
    for (const id of this.#subscribers.ids) this.gone(id)
  }

  /** Resolves when all has been sent that waits. */
  drained(): Promise<void> {
    return this.#subscribers.emptied()
  }

  #changed(patterns: readonly string[]): void {
    const network = this.#network
    if (network === undefined) return
    const { id, service } = network.self
    this.#subscribers.set(id, service, patterns, () => this.#own)
    this.#awaited.check()
    this.#announcer?.change(patterns)
    network.subscribes(patterns.length > 0)
  }

  /** An event of this node's own. Listeners may change its bytes, which others are still to get. */
  #deliver(payload: Buffer): void {
    const event = decodeEvent(Buffer.from(payload))
    if (event === undefined || this.#network === undefined) return
    this.#subscriptions.deliver(event, payload.length, this.#network.self)
  }

  #listening(): string[] {
    return (this.#network as EventNetwork).node
      .peers()
      .filter((peer) => this.#listens(peer))
      .map(({ id }) => id)
  }

  #listens(peer: Peer): boolean {
    const { group, wire } = this.#parts.options
    return wire > 1 && announcedWire(peer) > 1 && peer.groups.has(group)
  }
}
