import { PROBE_SHARE } from '../machine/watch.js'
import type { BeaconChannel, Receiver, Transport, TransportListener } from '../transport.js'
import { parseEndpoint } from '../wire/endpoint.js'
import type { Identity } from '../wire/identify.js'
import { type NodeId, routingIdOf } from '../wire/identity.js'
import { returnRoutingId } from '../wire/return-path.js'
import { VirtualConnection } from './virtual-connection.js'
import type { VirtualProcess } from './virtual-process.js'

/** Milliseconds until a host that does not answer heartbeats is noticed. */
export const LOST_MS = 14_500

/** What carries beacons and messages to the other nodes. */
export interface Carrier {
  broadcast(from: VirtualTransport, bytes: Buffer): void
  connect(from: VirtualTransport, connection: VirtualConnection): void
  /** A mailbox whose way is the connection that its peer has made under a routing id. */
  connectBack(from: VirtualTransport, connection: VirtualConnection, routingId: Buffer): void
  carry(from: VirtualTransport, connection: VirtualConnection, frames: Buffer[]): void
  /** Whether a process answers a new connection now. */
  answers(from: VirtualTransport, endpoint: string): boolean
  /** Who is at an endpoint, if it answers a new connection. */
  identityAt(from: VirtualTransport, endpoint: string): Identity | undefined
  /** A connection breaks, and its holder sees it; what is under way is lost. */
  cut(connection: VirtualConnection): void
  /** All connections to a node break, and those who hold one see it after that time. */
  disconnectAll(to: VirtualTransport, seenAfter: number): void
}

export interface VirtualTransportOptions {
  readonly id: NodeId
  readonly endpoint: string
  readonly maxQueueSize: number
  readonly lost: number
  /** Milliseconds until it is known whether somebody shakes hands. */
  readonly checkTime: number
  /** Milliseconds that the mailboxes have to send what they hold, when the node leaves. */
  readonly settleTime: number
  readonly carrier: Carrier
  readonly process: VirtualProcess
  /** The node has left. */
  onClosed(): void
  /** A message goes to a mailbox. `connection`: undefined when none is open. */
  onSend(id: NodeId, frames: readonly Buffer[], connection: VirtualConnection | undefined): void
}

/** One node's end of the virtual network, under the driver that runs on ZeroMQ otherwise. */
export class VirtualTransport implements Transport {
  readonly id: NodeId
  readonly process: VirtualProcess
  readonly connections = new Map<NodeId, VirtualConnection>()
  readonly beacons: BeaconChannel
  endpoint: string
  /** The whole process stands still, its I/O thread too. */
  frozen = false
  readonly #options: VirtualTransportOptions
  #receiver!: Receiver
  #listener!: TransportListener
  #onFlushed = () => {}

  constructor(options: VirtualTransportOptions) {
    const { id, endpoint, process, carrier } = options
    this.id = id
    this.endpoint = endpoint
    this.process = process
    this.#options = options
    this.beacons = {
      send: (bytes, sent = () => {}) => {
        process.send(() => carrier.broadcast(this, bytes))
        sent()
        return true
      },
    }
  }

  get address(): string {
    return parseEndpoint(this.endpoint)?.address ?? ''
  }

  get port(): number {
    return parseEndpoint(this.endpoint)?.port ?? 0
  }

  /** The process is there, and not frozen. */
  get answers(): boolean {
    return this.process.alive && !this.frozen
  }

  async open(): Promise<void> {}

  start(receiver: Receiver, listener: TransportListener): void {
    this.#receiver = receiver
    this.#listener = listener
  }

  isOnNetwork(address: string): boolean {
    return address.startsWith('10.0.')
  }

  isOwnAddress(address: string): boolean {
    return address === this.address
  }

  checkInterface(): void {}

  openMailbox(id: NodeId, endpoint: string, _key: unknown, asks: boolean): VirtualConnection {
    const routingId = asks ? returnRoutingId(this.id) : routingIdOf(this.id)
    const connection = this.#open(id, endpoint, routingId)
    this.#options.carrier.connect(this, connection)
    return connection
  }

  openReturn(id: NodeId, routingId: Buffer): VirtualConnection {
    const connection = this.#open(id, '', routingIdOf(this.id))
    this.#options.carrier.connectBack(this, connection, routingId)
    return connection
  }

  #open(id: NodeId, endpoint: string, routingId: Buffer): VirtualConnection {
    const { carrier, process, onSend } = this.#options
    this.closeMailbox(id, false)
    const connection = new VirtualConnection({
      from: this.id,
      peer: id,
      endpoint,
      routingId,
      tell: (type) =>
        process.receive(() => {
          if (this.connections.get(id) !== connection) return
          if (type === 'connected') this.#listener.onConnected(id)
          else this.#listener.onDisconnected(id, false)
        }),
      carry: (_, frames) => {
        process.send(() => {
          onSend(id, frames, connection)
          carrier.carry(this, connection, frames)
        })
      },
    })
    this.connections.set(id, connection)
    return connection
  }

  closeMailbox(id: NodeId, flush: boolean): void {
    const connection = this.connections.get(id)
    // What was never connected to has nobody who would wait for the rest.
    if (connection !== undefined && (!flush || connection.to === undefined)) connection.open = false
    if (connection?.back !== undefined && !connection.open) this.#options.carrier.cut(connection.back)
    this.connections.delete(id)
  }

  send(id: NodeId, frames: Buffer[], bytes: number): boolean {
    const connection = this.connections.get(id)
    if (connection === undefined) this.#options.onSend(id, frames, undefined)
    connection?.send(frames, bytes)
    return connection !== undefined
  }

  queuedBytes(id: NodeId): number {
    return this.connections.get(id)?.queued ?? 0
  }

  hasRoom(id: NodeId, bytes: number): boolean {
    return this.connections.get(id)?.hasRoom(bytes, this.#options.maxQueueSize) ?? true
  }

  whenRead(callback: () => void): void {
    const { process } = this
    process.schedule.after(0, () => process.receive(callback))
  }

  whenFlushed(callback: () => void): void {
    const { process } = this
    if (process.runs) process.clock.setTimeout(callback, this.#options.settleTime)
    // Nothing more goes out, and nobody is to wait for it.
    else process.schedule.after(0, callback)
    this.#onFlushed = callback
  }

  probe(endpoint: string, _key: unknown, callback: (answers: boolean) => void): void {
    callback(this.#options.carrier.answers(this, endpoint))
  }

  probeInUse(endpoint: string, _key: unknown, callback: (answers: boolean) => void): void {
    const { carrier, process, lost, checkTime } = this.#options
    const answers = carrier.answers(this, endpoint)
    const time = answers ? checkTime : lost * PROBE_SHARE
    process.schedule.after(time, () => process.receive(() => callback(answers)))
  }

  check(endpoint: string, _key: unknown, callback: (answers: boolean) => void): void {
    const { carrier, process, checkTime } = this.#options
    process.schedule.after(checkTime, () => process.receive(() => callback(carrier.answers(this, endpoint))))
  }

  identify(endpoint: string, _key: unknown, callback: (identity: Identity | undefined) => void): void {
    const { carrier, process, checkTime } = this.#options
    process.schedule.after(checkTime, () =>
      process.receive(() => callback(carrier.identityAt(this, endpoint))),
    )
  }

  /** Nobody asks: the network itself knows who is where. */
  answer(): void {}

  close(): void {
    this.process.alive = false
    this.#options.carrier.disconnectAll(this, 0)
    this.#options.onClosed()
  }

  /** What is under way on all its mailboxes is lost, and its node sees it. */
  loseAll(): void {
    for (const id of this.connections.keys()) this.#listener.onLost(id, new Error('the process is dead'))
    this.#onFlushed()
  }

  /** A message has arrived. */
  deliver(routingId: Buffer, frames: Buffer[]): void {
    this.process.receive(() => this.#receiver.onMessage([routingId, ...frames], this.process.clock.now()))
  }

  /** As `deliver`, on a connection that this node has made. */
  deliverAnswer(routingId: Buffer, frames: Buffer[]): void {
    this.process.receive(() => this.#receiver.onAnswer([routingId, ...frames], this.process.clock.now()))
  }

  /** A datagram has arrived. */
  hear(bytes: Buffer, address: string): void {
    this.process.receive(() => this.#receiver.onDatagram(bytes, address))
  }

  /** The node has another address now. Nobody answers at the one that it had. */
  move(endpoint: string): void {
    const { carrier, process } = this.#options
    carrier.disconnectAll(this, LOST_MS)
    process.receive(() => {
      // Who came to the old address meanwhile, while the process stood still, is there no longer either.
      carrier.disconnectAll(this, LOST_MS)
      this.endpoint = endpoint
      this.#listener.onMoved(endpoint)
    })
  }
}
