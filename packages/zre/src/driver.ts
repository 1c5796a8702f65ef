import type { EventEmitter } from 'node:events'
import type { Context } from 'zeromq'
import { Channels } from './data-plane/channels.js'
import { ZreError } from './error.js'
import { Events } from './events.js'
import { Acknowledgements } from './machine/acknowledgements.js'
import { MAX_CLAIMS } from './machine/claims.js'
import type { PeerState } from './machine/peer.js'
import { reachOf } from './machine/reach.js'
import { createState, type NodeState } from './machine/state.js'
import { step, stop } from './machine/step.js'
import { dueAt } from './machine/tick.js'
import type { Effect, Input } from './machine/types.js'
import { checkHeaders, type Settings } from './options.js'
import { CurvePolicy } from './security/curve-policy.js'
import { OpenPolicy } from './security/open-policy.js'
import { RejectionLog } from './security/rejection-log.js'
import type { SecurityPolicy, SecurityPolicyOptions } from './security/security-policy.js'
import { returnContext, takeContext } from './sockets/contexts.js'
import { Inbox } from './sockets/inbox.js'
import { sizeOf } from './sockets/mailbox.js'
import { Mailboxes } from './sockets/mailboxes.js'
import { NetworkBinding } from './sockets/network-binding.js'
import { Prober, SOCKETS_PER_PROBE } from './sockets/prober.js'
import { Counters } from './stats.js'
import type { NodeEvents, Sighting } from './types.js'
import { defaultName, idOfRoutingId, type NodeId } from './wire/identity.js'
import { decodeMessage, type Outgoing } from './wire/message.js'

/** libzmq counts every socket of a context: a mailbox and the two of its monitor, */
const SOCKETS_PER_PEER = 3
/** the inbox, and those that it needs for itself. */
const SPARE_SOCKETS = 64
/** Probes of peers that are silent, at a time. */
const MAX_PROBES = 16
/** Milliseconds for a handshake where an unmet node is said to be. Short, since those that are made up hold a connection as long. */
const CLAIM_MS = 500

/** Milliseconds between two lines that say that no file descriptor is left. */
const EXHAUSTED_LINE_MS = 60_000

/** The only place where effects meet sockets and clocks. */
export class Driver {
  readonly id: NodeId
  readonly name: string
  readonly counters: Counters
  readonly #settings: Settings
  readonly #headers: ReadonlyMap<string, string>
  readonly #context: Context
  readonly #rejections: RejectionLog
  readonly #policy: SecurityPolicy
  readonly #inbox: Inbox
  readonly #mailboxes: Mailboxes
  readonly #channels: Channels
  readonly #prober: Prober
  /** Of where unmet nodes are said to be. */
  readonly #claims: Prober
  readonly #events: Events
  readonly #acknowledgements = new Acknowledgements()
  readonly #binding: NetworkBinding
  #state!: NodeState
  #farewell: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  /** `emitter`: whose listeners are told what happens. */
  constructor(settings: Settings, id: NodeId, emitter: EventEmitter<NodeEvents>) {
    const { security, logger, maxPeers } = settings
    this.id = id
    this.name = settings.name ?? defaultName(id)
    this.#settings = settings
    this.#events = new Events(emitter)
    this.#binding = new NetworkBinding({
      interface: settings.interface,
      port: settings.port,
      logger,
      bind: (address) => this.#inbox.bind(address),
      onDatagram: (bytes, address) => this.#onDatagram(bytes, address),
      isAlone: () => !this.#isAnyonePresent(),
      onMoved: () => this.#onMoved(),
    })
    const headers = checkHeaders(settings.headers(id))
    const context = takeContext(maxPeers * SOCKETS_PER_PEER + MAX_CLAIMS * SOCKETS_PER_PROBE + SPARE_SOCKETS)
    this.#context = context
    this.counters = new Counters(logger)
    const rejections = new RejectionLog(this.counters, logger)
    this.#rejections = rejections
    const policy: SecurityPolicyOptions = {
      id,
      rejections,
      peers: () => this.#state.peers,
      step: (input) => this.step(input),
    }
    this.#policy =
      security === undefined
        ? new OpenPolicy({ ...policy, maxPeers })
        : new CurvePolicy({ ...policy, security, context, logger, maxPeers })
    this.#headers = this.#policy.headers(headers)
    this.#mailboxes = new Mailboxes({
      context,
      id,
      keys: security,
      maxQueueSize: settings.maxQueueSize,
      lost: settings.lost,
      whenRead: (callback) => this.#inbox.whenRead(callback),
      onConnected: (peer) => this.step({ type: 'connected', id: peer }),
      onDisconnected: (peer) =>
        this.step({ type: 'disconnected', id: peer, interfaceDown: !this.#binding.hasAddress() }),
      onLost: (peer, error) => {
        if (this.counters.logLimiter.take('mailbox'))
          logger.warn({ err: error, peer }, 'zre: a mailbox failed')
        this.step({ type: 'lost', id: peer })
      },
      onRefused: (peer, endpoint) => {
        rejections.refusedBy(peer, endpoint, security?.publicKey)
        this.step({ type: 'denied', id: peer })
      },
    })
    this.#channels = new Channels({
      policy: this.#policy,
      counters: this.counters,
      maxQueueSize: settings.maxQueueSize,
      isClosed: () => this.closed,
      onWhisper: (peer, content) => this.#events.whisper(peer, content),
    })
    const prober = { context, keys: security }
    this.#prober = new Prober({ ...prober, timeout: settings.lost, maxProbes: MAX_PROBES })
    this.#claims = new Prober({ ...prober, timeout: CLAIM_MS, maxProbes: MAX_CLAIMS })
    let exhaustedAt = Number.NEGATIVE_INFINITY
    this.#inbox = new Inbox({
      context,
      maxMessageSize: settings.maxMessageSize,
      secretKey: security?.secretKey,
      onStranger: (address) => this.counters.dropped('handshake', address),
      onExhausted: (err) => {
        this.counters.dropped('no-descriptor', undefined)
        if (now() - exhaustedAt < EXHAUSTED_LINE_MS) return
        exhaustedAt = now()
        logger.error(
          { err },
          'zre: no file descriptor is left to accept a connection; raise the limit of open files (ulimit -n)',
        )
      },
      onMessage: (frames, at) => this.#onMessage(frames, at),
      onError: (error) => {
        if (this.counters.logLimiter.take('inbox'))
          logger.error({ err: error }, 'zre: the inbox failed, and goes on')
      },
    })
  }

  async start(): Promise<void> {
    const { groups, interval, evasive, expired, maxPeers } = this.#settings
    try {
      await this.#policy.open()
      await this.#binding.open()
    } catch (error) {
      this.#release()
      if (error instanceof ZreError) throw error
      const { address } = this.#binding
      const message = `can't bind to ${address}, UDP port ${this.#settings.port}: ${(error as Error).message}`
      throw new ZreError('ZRE_PORT', message, { cause: error })
    }
    const config = {
      id: this.id,
      name: this.name,
      headers: this.#headers,
      groups,
      endpoint: this.#binding.endpoint,
      interval,
      evasive,
      expired,
      maxPeers,
      isOnNetwork: (address: string) => this.#binding.has(address),
    }
    this.#state = createState(config, now())
    void this.#inbox.receive()
    this.#tick()
  }

  get endpoint(): string {
    return this.#state.endpoint
  }

  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** Those that we are in. */
  get groups(): ReadonlySet<string> {
    return this.#state.groups
  }

  get peers(): ReadonlyMap<NodeId, PeerState> {
    return this.#state.peers
  }

  sightings(): Sighting[] {
    const offset = Date.now() - now()
    return Array.from(this.#state.peers.values(), (peer) => ({
      id: peer.id,
      endpoint: peer.endpoint,
      reach: reachOf(peer),
      since: Math.round(offset + peer.since),
      peer: peer.view ?? peer.greeting ?? peer.lost,
    }))
  }

  /** Bytes that wait to be sent to a peer. */
  backlog(id: NodeId): number {
    return this.#mailboxes.queuedBytes(id)
  }

  /** To be asked before a message gets its number: one that has a number must go out. */
  hasRoom(id: NodeId, bytes: number): boolean {
    return this.#mailboxes.hasRoom(id, bytes)
  }

  /** Resolves when a peer has read all that was sent to it until now: false when it goes first, or is not present. */
  acknowledged(id: NodeId): Promise<boolean> {
    if (this.#state.peers.get(id)?.view === undefined) return Promise.resolve(false)
    this.step({ type: 'ping', to: id })
    return this.#acknowledgements.next(id)
  }

  /** Whether a peer's process answers a new connection. False when it is not present. `undefined`: it could not be asked. */
  probe(id: NodeId): Promise<boolean | undefined> {
    const peer = this.#state.peers.get(id)
    return peer?.view === undefined ? Promise.resolve(false) : this.#prober.probe(peer.endpoint, peer.key)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#perform(stop(this.#state))
    this.#acknowledgements.close()
    await this.#farewell
    this.#binding.close()
    this.#release()
  }

  #release(): void {
    this.#prober.close()
    this.#claims.close()
    this.#inbox.close()
    this.#policy.close()
    returnContext(this.#context)
  }

  step(input: Input): void {
    this.#perform(step(this.#state, input, now()))
  }

  #tick(): void {
    this.step({ type: 'tick' })
    if (this.#closing !== undefined) return
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, dueAt(this.#state) - now()))
  }

  /** `frames` begins with the routing id. */
  #onMessage(frames: Buffer[], at: number): void {
    if (this.#closing !== undefined) return
    const routingId = frames.shift() as Buffer
    const size = sizeOf(frames)
    this.counters.messageReceived(size)
    const fits = size <= this.#settings.maxMessageSize
    if (fits && this.#channels.get(routingId)?.receive(frames, at)) return
    const from = idOfRoutingId(routingId)
    if (from === undefined) {
      this.counters.dropped('routing-id', routingId.toString('hex', 0, 17))
      return
    }
    if (!this.#policy.verify(from, frames)) return
    // libzmq holds each frame against the limit, and not their sum.
    const message = fits ? decodeMessage(frames) : 'message-size'
    if (typeof message === 'string') this.counters.dropped(message, from)
    else if (message.type === 'hello') this.#policy.onHello(from, message)
    else this.step({ type: 'message', from, message })
  }

  #onDatagram(bytes: Buffer, address: string): void {
    if (this.#closing !== undefined) return
    this.counters.beaconReceived()
    this.#policy.onBeacon(bytes, address)
  }

  /**
   * First what concerns sockets, then the events. A listener may call `whisper` from within one, and so come here again: its
   * message goes to the mailbox at once, after those numbered before it.
   */
  #perform(effects: Effect[]): void {
    for (const effect of effects) this.#performOne(effect)
    this.#events.tellAll()
  }

  #performOne(effect: Effect): void {
    this.#acknowledgements.observe(effect)
    switch (effect.type) {
      case 'send':
        this.#send(effect.id, effect.message, effect.sequence)
        break
      case 'answered':
        this.#acknowledgements.answered(effect.id)
        break
      case 'open':
        this.#open(effect)
        break
      case 'close':
        this.#channels.close(effect.id)
        this.#mailboxes.close(effect.id, effect.flush)
        break
      case 'check':
        void this.#check(effect)
        break
      case 'beacon':
        this.#sendBeacon(effect.port)
        break
      case 'trouble':
        this.#rejections.trouble(effect.trouble, effect.id, effect.endpoint, this.endpoint)
        break
      case 'drop':
        this.counters.dropped(effect.reason, effect.from)
        break
      default:
        this.#events.add(effect)
    }
  }

  #open({ id, endpoint, key }: Effect & { type: 'open' }): void {
    const mailbox = this.#mailboxes.open(id, endpoint, key)
    const peer = this.#state.peers.get(id)
    if (peer !== undefined) this.#channels.open(peer, mailbox)
  }

  #send(id: NodeId, message: Outgoing, sequence: number): void {
    const frames = this.#policy.encodeMessage(id, message, sequence)
    const bytes = sizeOf(frames)
    if (this.#mailboxes.send(id, frames, bytes)) this.counters.messageSent(bytes)
  }

  async #check({ id, endpoint, key }: Effect & { type: 'check' }): Promise<void> {
    const stands = await this.#claims.probe(endpoint, key)
    if (this.#closing === undefined) this.step({ type: 'checked', id, endpoint, key, stands })
  }

  #sendBeacon(port: 'own' | 'leaving'): void {
    if (port === 'own') void this.#binding.refresh()
    this.counters.beaconSent()
    const bytes = this.#policy.encodeBeacon({ id: this.id, port: port === 'own' ? this.#binding.port : 0 })
    if (port === 'own') void this.#binding.send(bytes)
    else this.#farewell = this.#mailboxes.flushed().then(() => this.#binding.send(bytes))
  }

  #isAnyonePresent(): boolean {
    for (const { view } of this.#state.peers.values()) if (view !== undefined) return true
    return false
  }

  #onMoved(): void {
    if (this.#closing === undefined) this.step({ type: 'moved', endpoint: this.#binding.endpoint })
  }
}

function now(): number {
  return performance.now()
}
