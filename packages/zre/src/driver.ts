import type { EventEmitter } from 'node:events'
import { Connections } from './connections.js'
import { Channels } from './data-plane/channels.js'
import { KnownBeacons } from './data-plane/known-beacons.js'
import { Discoveries, type UsedDiscovery } from './discovery/discoveries.js'
import { expectsOtherNetworks } from './discovery/settings.js'
import { EffectHandler } from './effect-handler.js'
import { Events } from './events.js'
import { Incoming } from './incoming.js'
import { isGreeted } from './machine/part.js'
import type { PeerState } from './machine/peer.js'
import { createState, type NodeState, usableEndpoint } from './machine/state.js'
import { step, stop } from './machine/step.js'
import { dueAt } from './machine/tick.js'
import type { Input } from './machine/types.js'
import { checkHeaders, type Settings } from './options.js'
import { Reach } from './reach.js'
import { OwnBeacons } from './security/own-beacons.js'
import { RejectionLog } from './security/rejection-log.js'
import type { FoundPeer, SecurityPolicy, SecurityPolicyOptions } from './security/security-policy.js'
import { sightingsOf } from './sightings.js'
import { Counters } from './stats.js'
import { Ticker } from './ticker.js'
import type { Clock, Transport } from './transport.js'
import type { NetworkInfo, NodeEvents, Sighting } from './types.js'
import { defaultName, type NodeId } from './wire/identity.js'

/** What a driver is put together from. */
export interface DriverParts {
  /** Called after `transport`. */
  discoveries(): readonly UsedDiscovery[]
  readonly clock: Clock
  transport(counters: Counters): Transport
  /** Called after `transport`. */
  policy(options: SecurityPolicyOptions): SecurityPolicy
  /** Called after `transport`. */
  network(): NetworkInfo
}

const NOBODY: ReadonlyMap<NodeId, PeerState> = new Map()

/** Gives the machine its inputs and the time, and has its effects performed. */
export class Driver {
  readonly id: NodeId
  readonly name: string
  readonly counters: Counters
  readonly network: () => NetworkInfo
  readonly reach: Reach
  readonly #settings: Settings
  readonly #headers: ReadonlyMap<string, string>
  readonly #clock: Clock
  readonly #transport: Transport
  readonly #rejections: RejectionLog
  readonly #policy: SecurityPolicy
  readonly #channels: Channels
  readonly #incoming: Incoming
  readonly #events: Events
  readonly #discoveries: Discoveries
  readonly #effects: EffectHandler
  /** From when the node begins. */
  #state!: NodeState
  readonly #ticker: Ticker
  /** When it last looked at its interface. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #closed = false
  #closing: Promise<void> | undefined
  /** Called when the last beacon has left. */
  #onLeft = (): void => {}

  /** Listeners of `emitter` are told what happens. */
  constructor(settings: Settings, id: NodeId, emitter: EventEmitter<NodeEvents>, parts: DriverParts) {
    const { logger, maxQueueSize, maxMessageSize, maxPeers } = settings
    this.id = id
    this.name = settings.name ?? defaultName(id)
    this.#settings = settings
    this.#clock = parts.clock
    this.network = parts.network
    this.#ticker = new Ticker(
      parts.clock,
      () => dueAt(this.#state),
      () => this.#tick(),
    )
    this.#events = new Events(emitter)
    this.counters = new Counters(logger)
    this.#rejections = new RejectionLog(this.counters, logger)
    const headers = checkHeaders(settings.headers(id))
    this.#transport = parts.transport(this.counters)
    const { counters } = this
    const step = (input: Input) => this.step(input)
    const peers = () => this.peers
    const now = () => this.#clock.now()
    this.reach = new Reach({ clock: parts.clock, transport: this.#transport, peers, step })
    const own = new OwnBeacons({ transport: this.#transport, rejections: this.#rejections, now })
    const onOwnBeacon = (port: number, address: string) => own.receive(port, address)
    const policy = parts.policy({ id, rejections: this.#rejections, peers, step, onOwnBeacon })
    this.#policy = policy
    this.#headers = policy.headers(headers)
    const onUsed = (peer: NodeId) => this.step({ type: 'used', id: peer })
    const { isUse = () => true } = settings
    this.#channels = new Channels({ policy, counters, maxQueueSize, events: this.#events, isUse, onUsed })
    const beacons = new KnownBeacons({ policy, maxPeers, peers, now })
    this.#incoming = new Incoming({
      channels: this.#channels,
      beacons,
      policy,
      counters,
      maxMessageSize,
      answersOnConnections: expectsOtherNetworks(settings),
      step,
      onQuestion: (from) => this.#transport.answer(from, { id, endpoint: this.endpoint }),
    })
    this.#discoveries = new Discoveries({
      id,
      settings,
      used: parts.discoveries(),
      clock: this.#clock,
      transport: this.#transport,
      counters,
      peers,
      endpoint: () => this.#transport.endpoint,
      found: (node) => policy.onFound(node),
      gone: (node) => this.gone(node),
      isGreeted: (peer) => isGreeted(this.#state, peer),
      isIntroduced: (peer) => this.#isIntroduced(peer),
      refused: ({ id: peer, endpoint }) => this.#rejections.offNetwork(peer, endpoint),
    })
    this.#effects = new EffectHandler({
      id,
      transport: this.#transport,
      policy,
      channels: this.#channels,
      discoveries: this.#discoveries,
      rejections: this.#rejections,
      counters,
      events: this.#events,
      reach: this.reach,
      peers,
      endpoint: () => this.endpoint,
      step: (input) => this.#stepIfOpen(input),
      onLeft: () => this.#onLeft(),
    })
  }

  async open(): Promise<void> {
    try {
      await this.#policy.open()
      await this.#transport.open()
      await this.#discoveries.start()
    } catch (error) {
      await this.#discoveries.close()
      this.#release()
      throw error
    }
  }

  /** The node can be found from now on. */
  begin(): void {
    const config = {
      ...this.#settings,
      id: this.id,
      name: this.name,
      headers: this.#headers,
      endpoint: this.#transport.endpoint,
      unreachable: this.#settings.advertise === false,
      hasSeeds: this.#settings.seeds.length > 0,
      isOnNetwork: (address: string) => this.#discoveries.isOnNetwork(address),
    }
    this.#state = createState(config, this.#clock.now())
    const connections = new Connections({
      logger: this.#settings.logger,
      counters: this.counters,
      rejections: this.#rejections,
      publicKey: this.#settings.security?.publicKey,
      peers: () => this.peers,
      step: (input) => this.#stepIfOpen(input),
    })
    this.#transport.start(this.#incoming, connections)
    this.#ticker.ring()
    this.#discoveries.begin()
  }

  get endpoint(): string {
    return this.#state.endpoint
  }

  /** A node was found by other means than the discoveries of this one. */
  found(node: FoundPeer): void {
    this.#policy.onFound(node)
  }

  /** Whoever found it says that it is gone. */
  gone(node: { readonly id: NodeId; readonly endpoint: string }): void {
    this.step({ type: 'gone', ...node })
  }

  /** Resolves when a node is present that is needed now, or can't be reached: to false when nobody was there for `lost`. */
  link(node: FoundPeer): Promise<boolean> {
    this.found({ ...node, urgent: true })
    return this.reach.linked(node.id, this.#settings.lost)
  }

  mayConnect(endpoint: string): boolean {
    return usableEndpoint(this.#state, endpoint) !== undefined
  }

  /** There is a way to it, though no link: others have told of it. Not for a node that is alone. */
  #isIntroduced(id: NodeId): boolean {
    if (this.#settings.introduced?.knows(id) !== true) return false
    for (const { view } of this.peers.values()) if (view !== undefined) return true
    return false
  }

  get closed(): boolean {
    return this.#closed
  }

  /** The groups that we are in. */
  get groups(): ReadonlySet<string> {
    return this.#state.groups
  }

  get peers(): ReadonlyMap<NodeId, PeerState> {
    return (this.#state as NodeState | undefined)?.peers ?? NOBODY
  }

  sightings(): Sighting[] {
    return sightingsOf(this.#state.peers, Date.now() - this.#clock.now())
  }

  /** Bytes that wait to be sent to a peer. */
  backlog(id: NodeId): number {
    return this.#transport.queuedBytes(id)
  }

  /** Ask this before a message gets its number: a message that has one must go out. */
  hasRoom(id: NodeId, bytes: number): boolean {
    return this.#transport.hasRoom(id, bytes)
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#leave(resolve))
    return this.#closing
  }

  #leave(onLeft: () => void): void {
    this.#closed = true
    this.#incoming.close()
    this.#channels.closeAll()
    this.#ticker.stop()
    const forgotten = this.#discoveries.close()
    this.#onLeft = () => {
      this.#release()
      if (forgotten === undefined) onLeft()
      else void forgotten.then(onLeft)
    }
    this.#effects.perform(stop(this.#state))
    this.reach.close()
  }

  /** The inbox is closed before its policy: nobody gets in who is not examined. */
  #release(): void {
    this.#transport.close()
    this.#policy.close()
  }

  step(input: Input): void {
    this.#effects.perform(step(this.#state, input, this.#clock.now()))
    this.#ticker.arm()
  }

  #stepIfOpen(input: Input): void {
    if (!this.#closed) this.step(input)
  }

  /** The interface is looked at as often as a new node beacons. */
  #tick(): void {
    const now = this.#clock.now()
    if (now - this.#lookedAt >= this.#settings.interval) {
      this.#lookedAt = now
      this.#transport.checkInterface()
    }
    this.step({ type: 'tick' })
  }
}
