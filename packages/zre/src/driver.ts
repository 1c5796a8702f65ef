import { EventEmitter } from 'node:events'
import type { Context } from 'zeromq'
import { ZreError } from './error.js'
import { createState, type NodeState } from './machine/state.js'
import { step, stop } from './machine/step.js'
import { dueAt } from './machine/tick.js'
import type { DropReason, Effect, Input } from './machine/types.js'
import { checkHeaders, groupName, type Settings } from './options.js'
import { Bonds, withoutTokens } from './security/bonds.js'
import { Guard, KEY_HEADER } from './security/guard.js'
import { returnContext, takeContext } from './sockets/contexts.js'
import { Inbox } from './sockets/inbox.js'
import { sizeOf } from './sockets/mailbox.js'
import { Mailboxes } from './sockets/mailboxes.js'
import { Place } from './sockets/place.js'
import type { Content, NodeEvents, NodeStats, Peer, ZreNode } from './types.js'
import { parseEndpoint } from './wire/endpoint.js'
import { defaultName, idOfRoutingId, type NodeId } from './wire/identity.js'
import type { PublicKey } from './wire/key.js'
import { decodeMessage, encodeMessage, type Incoming, isHello, type Outgoing } from './wire/message.js'

/** libzmq counts every socket of a context: a mailbox and the two of its monitor, */
const SOCKETS_PER_PEER = 3
/** the inbox, and those that it needs for itself. */
const SPARE_SOCKETS = 64

/** The effects that are told to listeners. */
type EventEffect = Exclude<Effect, { type: 'beacon' | 'open' | 'close' | 'send' | 'drop' }>

/** The only place where effects meet sockets and clocks. */
export class Driver extends EventEmitter<NodeEvents> implements ZreNode {
  readonly id: NodeId
  readonly name: string
  readonly #settings: Settings
  readonly #headers: ReadonlyMap<string, string>
  readonly #context: Context
  readonly #guard: Guard
  readonly #bonds: Bonds | undefined
  readonly #inbox: Inbox
  readonly #mailboxes: Mailboxes
  readonly #dropped: Partial<Record<DropReason, number>> = {}
  readonly #traffic = {
    messagesSent: 0,
    messagesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    beaconsSent: 0,
    beaconsReceived: 0,
  }
  readonly #place: Place
  #state!: NodeState
  #farewell: Promise<void> | undefined
  readonly #events: EventEffect[] = []
  #telling = false
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(settings: Settings, id: NodeId) {
    super()
    this.id = id
    this.name = settings.name ?? defaultName(id)
    this.#settings = settings
    this.#place = new Place({
      interface: settings.interface,
      port: settings.port,
      logger: settings.logger,
      bind: (address) => this.#inbox.bind(address),
      onDatagram: (bytes, address) => this.#onDatagram(bytes, address),
      onMoved: () => this.#onMoved(),
    })
    const headers = checkHeaders(settings.headers(id))
    this.#context = takeContext(settings.maxPeers * SOCKETS_PER_PEER + SPARE_SOCKETS)
    this.#guard = new Guard({
      security: settings.security,
      context: this.#context,
      logger: settings.logger,
      onDrop: (reason, from) => this.#drop(reason, from),
      onChange: () => this.#onKeysChanged(),
      keysInUse: () => this.#keysInUse(),
    })
    if (settings.security !== undefined) {
      this.#bonds = new Bonds(2 * settings.maxPeers, (peer) => this.#state.peers.has(peer))
    }
    this.#headers = this.#guard.headers(headers)
    this.#mailboxes = new Mailboxes({
      context: this.#context,
      id,
      keys: settings.security,
      maxQueueSize: settings.maxQueueSize,
      lost: settings.lost,
      onPlugged: (peer) => this.#step({ type: 'plugged', id: peer }),
      onUnplugged: (peer) => this.#step({ type: 'unplugged', id: peer, nowhere: !this.#place.isHome() }),
      onLost: (peer, error) => {
        settings.logger.warn({ err: error, peer }, 'zre: a mailbox failed')
        this.#step({ type: 'lost', id: peer })
      },
      onRefused: (peer, endpoint) => this.#guard.refusedBy(peer, endpoint),
    })
    this.#inbox = new Inbox({
      context: this.#context,
      maxMessageSize: settings.maxMessageSize,
      secretKey: settings.security?.secretKey,
      onStranger: (address) => this.#drop('handshake', address),
      onMessage: (routingId, frames) => this.#onMessage(routingId, frames),
      onError: (error) => this.#settings.logger.error({ err: error }, 'zre: the inbox failed, and goes on'),
    })
  }

  async start(): Promise<void> {
    const { groups, interval, evasive, expired, maxPeers } = this.#settings
    try {
      await this.#guard.open()
      await this.#place.open()
    } catch (error) {
      await this.#release()
      if (error instanceof ZreError) throw error
      const { address } = this.#place
      const message = `can't bind to ${address}, UDP port ${this.#settings.port}: ${(error as Error).message}`
      throw new ZreError('ZRE_PORT', message, { cause: error })
    }
    const config = {
      id: this.id,
      name: this.name,
      headers: this.#headers,
      groups,
      endpoint: this.#place.endpoint,
      interval,
      evasive,
      expired,
      maxPeers,
      isOnNetwork: (address: string) => this.#place.has(address),
    }
    this.#state = createState(config, now())
    void this.#inbox.receive()
    this.#tick()
  }

  get endpoint(): string {
    return this.#state.endpoint
  }

  whisper(id: NodeId, content: Content): void {
    this.#assertOpen()
    if (this.#state.peers.get(id)?.view === undefined) {
      throw new ZreError('ZRE_UNKNOWN_PEER', `no peer ${id} is present`)
    }
    const frames = framesOf(content)
    this.#assertRoom(id, frames)
    this.#step({ type: 'whisper', to: id, content: frames })
  }

  backlog(id: NodeId): number {
    return this.#mailboxes.queuedBytes(id)
  }

  shout(group: string, content: Content): void {
    this.#assertOpen()
    groupName(group)
    const frames = framesOf(content)
    for (const peer of this.#state.peers.values()) {
      if (peer.view?.groups.has(group)) this.#assertRoom(peer.id, frames)
    }
    this.#step({ type: 'shout', group, content: frames })
  }

  join(group: string): void {
    this.#assertOpen()
    this.#step({ type: 'join', group: groupName(group) })
  }

  leave(group: string): void {
    this.#assertOpen()
    this.#step({ type: 'leave', group: groupName(group) })
  }

  peers(): Peer[] {
    return [...this.#state.peers.values()].flatMap(({ view }) => view ?? [])
  }

  peer(id: NodeId): Peer | undefined {
    return this.#state.peers.get(id)?.view
  }

  stats(): NodeStats {
    return { peers: this.peers().length, ...this.#traffic, dropped: { ...this.#dropped } }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#perform(stop(this.#state))
    await this.#farewell
    this.#place.close()
    await this.#release()
  }

  async #release(): Promise<void> {
    this.#inbox.close()
    await this.#guard.close()
    returnContext(this.#context)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new ZreError('ZRE_CLOSED', 'the node is closed')
  }

  /** Before a message gets its number: one that has a number must go out. */
  #assertRoom(id: NodeId, frames: Buffer[]): void {
    if (this.#mailboxes.hasRoom(id, frames)) return
    throw new ZreError(
      'ZRE_QUEUE_FULL',
      `peer ${id} does not take what is sent to it, and ${this.#settings.maxQueueSize} bytes wait`,
    )
  }

  #step(input: Input): void {
    this.#perform(step(this.#state, input, now()))
  }

  #tick(): void {
    this.#step({ type: 'tick' })
    if (this.#closing !== undefined) return
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, dueAt(this.#state) - now()))
  }

  #onMessage(routingId: Buffer, frames: Buffer[]): void {
    if (this.#closing !== undefined) return
    const size = sizeOf(frames)
    this.#traffic.messagesReceived++
    this.#traffic.bytesReceived += size
    const from = idOfRoutingId(routingId)
    if (from === undefined) {
      this.#drop('routing-id', routingId.toString('hex', 0, 17))
      return
    }
    if (this.#bonds !== undefined && !isHello(frames) && !this.#isProven(this.#bonds, from, frames)) {
      this.#guard.refuse('unproven', from)
      return
    }
    // libzmq holds each frame against the limit, and not their sum.
    const message = size > this.#settings.maxMessageSize ? 'message-size' : decodeMessage(frames)
    if (typeof message === 'string') this.#drop(message, from)
    else if (message.type === 'hello') this.#onHello(from, message)
    else this.#step({ type: 'message', from, message })
  }

  /** A message of a peer that can prove it is its own must do so. */
  #isProven(bonds: Bonds, from: NodeId, frames: Buffer[]): boolean {
    return bonds.holds(from) ? bonds.check(from, frames) : this.#settings.security?.proof !== true
  }

  #onHello(from: NodeId, message: Incoming & { type: 'hello' }): void {
    const fault = this.#guard.faultOf(message)
    const key = message.headers.get(KEY_HEADER)
    if (fault !== undefined) this.#guard.refuse(fault, message.endpoint, key)
    else if (this.#bonds === undefined) this.#step({ type: 'message', from, message })
    else this.#onKeyHello(this.#bonds, from, message, key as PublicKey)
  }

  /** Who can't prove yet that it is who it says was not greeted by us, or has not read it: it is greeted, and asked again so. */
  #onKeyHello(bonds: Bonds, from: NodeId, hello: Incoming & { type: 'hello' }, key: PublicKey): void {
    const standing = bonds.standingOf(from, key, hello.headers)
    const proven = standing === 'proven'
    if (proven || (standing === 'bare' && this.#settings.security?.proof !== true && !bonds.holds(from))) {
      const message = { ...hello, headers: withoutTokens(hello.headers) }
      this.#step({ type: 'message', from, message, key, proven })
    } else {
      const endpoint = parseEndpoint(hello.endpoint)
      if (standing === 'bare' || endpoint === undefined || this.peer(from) !== undefined) {
        this.#guard.refuse('unproven', from, key)
        return
      }
      this.#step({ type: 'beacon', id: from, ...endpoint, key })
    }
    if (this.#state.peers.get(from)?.key !== key) return
    if (bonds.learn(from, key, hello.headers)) this.#step({ type: 'greet', id: from })
  }

  #onDatagram(bytes: Buffer, address: string): void {
    if (this.#closing !== undefined) return
    this.#traffic.beaconsReceived++
    const beacon = this.#guard.decodeBeacon(bytes)
    if (typeof beacon === 'string') this.#guard.refuse(beacon, address)
    else if (beacon.id === this.id) return
    else if ('key' in beacon && !this.#guard.admits(beacon.key)) {
      this.#guard.refuse('key-refused', address, beacon.key)
    } else this.#step({ type: 'beacon', ...beacon, address })
  }

  #onKeysChanged(): void {
    if (this.#closing !== undefined) return
    for (const { id, key } of [...this.#state.peers.values()]) {
      if (key !== undefined && this.#guard.bans(key)) this.#step({ type: 'refused', id })
    }
  }

  *#keysInUse(): Iterable<PublicKey> {
    for (const { key } of this.#state.peers.values()) if (key !== undefined) yield key
  }

  /**
   * First what concerns sockets, then the events. A listener may call `whisper` from within one, and so come here again:
   * its message goes to the mailbox at once, after those numbered before it, and events wait for those before them.
   */
  #perform(effects: Effect[]): void {
    for (const effect of effects) this.#performOne(effect)
    if (this.#telling) return
    this.#telling = true
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift())
      this.#tell(event)
    this.#telling = false
  }

  #performOne(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.#send(effect.id, effect.message, effect.sequence)
        break
      case 'open':
        this.#mailboxes.open(effect.id, effect.endpoint, effect.key)
        break
      case 'close':
        this.#mailboxes.close(effect.id, effect.flush)
        break
      case 'beacon':
        this.#sendBeacon(effect.port)
        break
      case 'drop':
        this.#drop(effect.reason, effect.from)
        break
      default:
        this.#events.push(effect)
    }
  }

  #tell(effect: EventEffect): void {
    switch (effect.type) {
      case 'whisper':
        this.#announce('whisper', effect.peer, effect.content)
        break
      case 'shout':
        this.#announce('shout', effect.peer, effect.group, effect.content)
        break
      case 'join':
      case 'leave':
        this.#announce(effect.type, effect.peer, effect.group)
        break
      case 'enter':
      case 'evasive':
        this.#announce(effect.type, effect.peer)
        break
      case 'exit':
        this.#announce('exit', effect.peer, effect.reason)
        break
    }
  }

  #send(id: NodeId, message: Outgoing, sequence: number): void {
    const frames =
      this.#bonds === undefined
        ? encodeMessage(message, sequence)
        : this.#signed(this.#bonds, id, message, sequence)
    if (!this.#mailboxes.send(id, frames)) return
    this.#traffic.messagesSent++
    this.#traffic.bytesSent += sizeOf(frames)
  }

  #signed(bonds: Bonds, id: NodeId, message: Outgoing, sequence: number): Buffer[] {
    if (message.type === 'hello') {
      const key = this.#state.peers.get(id)?.key as PublicKey
      const headers = new Map([...message.headers, ...bonds.greet(id, key)])
      return encodeMessage({ ...message, headers }, sequence)
    }
    const frames = encodeMessage(message, sequence)
    bonds.sign(id, frames)
    return frames
  }

  /** A listener that throws is its owner's fault, told as Node tells it; what we are in the middle of goes on. */
  #announce<E extends keyof NodeEvents>(event: E, ...args: NodeEvents[E]): void {
    try {
      ;(this.emit as (event: E, ...args: NodeEvents[E]) => boolean).call(this, event, ...args)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  #drop(reason: DropReason, from: string | undefined): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1
    this.#settings.logger.debug({ reason, from }, 'zre: dropped')
  }

  #sendBeacon(port: 'own' | 'leaving'): void {
    if (port === 'own') void this.#place.follow()
    this.#traffic.beaconsSent++
    const bytes = this.#guard.encodeBeacon({ id: this.id, port: port === 'own' ? this.#place.port : 0 })
    if (port === 'own') void this.#place.send(bytes)
    else this.#farewell = this.#mailboxes.flushed().then(() => this.#place.send(bytes))
  }

  #onMoved(): void {
    if (this.#closing === undefined) this.#step({ type: 'moved', endpoint: this.#place.endpoint })
  }
}

function now(): number {
  return performance.now()
}

function framesOf(content: Content): Buffer[] {
  const parts = typeof content === 'string' || content instanceof Uint8Array ? [content] : content
  return parts.map((part) => {
    if (typeof part === 'string') return Buffer.from(part)
    return Buffer.isBuffer(part) ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  })
}
