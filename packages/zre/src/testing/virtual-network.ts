import { checkOptions } from '../options.js'
import type { NodeOptions } from '../types.js'
import { formatEndpoint } from '../wire/endpoint.js'
import type { Identity } from '../wire/identify.js'
import type { NodeId } from '../wire/identity.js'
import { sizeOf } from '../wire/message.js'
import { Delays } from './delays.js'
import { type Delay, type NetworkOptions, type NetworkSettings, withDefaults } from './network-options.js'
import { divides, type Partition, Partitions } from './partitions.js'
import { Random } from './random.js'
import { Schedule } from './schedule.js'
import type { VirtualConnection } from './virtual-connection.js'
import { VirtualNode } from './virtual-node.js'
import type { Carrier, VirtualTransport } from './virtual-transport.js'

export interface HostOptions {
  readonly id?: NodeId | undefined
  /** By default each node is on a host of its own. */
  readonly endpoint?: string | undefined
  /** Called before each turn of the node's event loop. */
  readonly onTurn?: (() => void) | undefined
  /** Whether the node's events are recorded. Default `true`. */
  readonly recorded?: boolean
  /** Called when the node has left. */
  readonly onClosed?: () => void
}

/** Milliseconds until the connection of a closed mailbox is gone. */
const GONE_MS = 250
/** Milliseconds until the second attempt to connect. The time doubles with each further attempt. */
const RECONNECT_MS = 20
/** The longest time between two attempts, in milliseconds. */
const MAX_RECONNECT_MS = 500
/** When an attempt to connect that nobody hears is given up. */
const CONNECT_MS = 500
/** A connection whose host does not answer ends after a time between these. */
const LOST_MS = [5000, 15_000] as const
/** What was lost on its way is repeated within this time when there is a way again. */
const REPEAT_MS = 200

/** Hundreds of nodes in one process, on a virtual clock: what happens is decided by the seed alone. */
export class VirtualNetwork implements Carrier {
  readonly schedule: Schedule
  readonly random: Random
  readonly nodes: VirtualNode[] = []
  readonly #options: NetworkSettings
  readonly #arrivals = new Map<string, { connection: object; at: number }>()
  readonly #partitions = new Partitions()
  readonly #delays: Delays
  /** Those on which something waits for a wall to fall. */
  readonly #held = new Set<VirtualConnection>()
  #nextHost = 1

  constructor({ schedule = new Schedule(), ...options }: NetworkOptions) {
    this.#options = withDefaults(options)
    this.schedule = schedule
    this.random = new Random(options.seed)
    this.#delays = new Delays(this.#options, this.random)
  }

  get now(): number {
    return this.schedule.now
  }

  get live(): VirtualNode[] {
    return this.nodes.filter(({ alive }) => alive)
  }

  /** A node joins. */
  add(options: NodeOptions = {}, host: HostOptions = {}): VirtualNode {
    const number = this.#nextHost++
    const address = `10.0.${number >> 8}.${number & 0xff}`
    const node = new VirtualNode({
      id: host.id ?? this.random.hex(32).toUpperCase(),
      endpoint: host.endpoint ?? formatEndpoint(address, 49152 + number),
      // The environment is about the machine's network.
      settings: checkOptions(options, {}),
      checkTime: this.#options.checkTime,
      settleTime: this.#options.settleTime,
      proven: this.#options.proven,
      carrier: this,
      schedule: this.schedule,
      onTurn: host.onTurn ?? (() => {}),
      recorded: host.recorded ?? true,
      onClosed: host.onClosed ?? (() => {}),
    })
    this.nodes.push(node)
    return node
  }

  /** Forgets a node that is gone. */
  remove(node: VirtualNode): void {
    const index = this.nodes.indexOf(node)
    if (index >= 0) this.nodes.splice(index, 1)
    for (const way of this.#arrivals.keys())
      if (way.startsWith(`${node.id} `) || way.endsWith(` ${node.endpoint}`)) this.#arrivals.delete(way)
  }

  run(duration: number): void {
    this.schedule.run(duration)
  }

  /** Runs until something holds; false when it does not within the time. */
  runUntil(holds: () => boolean, limit: number): boolean {
    const end = this.now + limit
    while (!holds()) {
      if (this.now >= end) return false
      this.run(Math.min(10, end - this.now))
    }
    return true
  }

  broadcast({ id, address }: VirtualTransport, bytes: Buffer): void {
    const { beaconLoss, beaconDoubling } = this.#options
    for (const { alive, transport } of this.nodes) {
      if (!alive || !this.#partitions.allows(id, transport.id)) continue
      for (let copies = this.random.chance(beaconDoubling) ? 2 : 1; copies > 0; copies--) {
        if (this.random.chance(beaconLoss)) continue
        const delay = this.#delays.ofBeacon(id, transport.id)
        this.schedule.after(delay, () => transport.hear(bytes, address))
      }
    }
  }

  /** The connection of one node to another breaks. */
  disconnect(from: VirtualNode, to: VirtualNode): void {
    const connection = from.transport.connections.get(to.id)
    if (connection !== undefined) this.cut(connection)
  }

  /** A connection breaks: what is under way on it is lost, and the one who holds it sees it. */
  cut(connection: VirtualConnection): void {
    this.#break(connection, this.now + this.#delayOf(connection))
  }

  /**
   * Some nodes do not reach the others any more, nor, unless it is `oneWay`, the others them. What is under way to the
   * other side waits, and connections that it lasts too long for break. `outside`: by default all others, also those to come.
   * Returns what makes it whole again.
   */
  split(inside: readonly VirtualNode[], oneWay = false, outside?: readonly VirtualNode[]): () => void {
    const partition: Partition = { inside: idsOf(inside), outside: outside && idsOf(outside), oneWay }
    this.#partitions.add(partition)
    for (const { transport } of this.nodes) {
      for (const connection of transport.connections.values())
        this.schedule.after(this.random.between(...LOST_MS), () => {
          if (connection.to === undefined || !divides(partition, connection.from, connection.to)) return
          if (this.#partitions.has(partition)) this.#break(connection, this.now)
        })
    }
    return () => {
      this.#partitions.remove(partition)
      for (const connection of this.#held)
        this.schedule.after(this.random.between(0, REPEAT_MS), () => this.#repeat(connection))
    }
  }

  /** Some nodes can't connect to the others any more: a firewall that knows no UDP. Returns what takes it away. */
  firewall(inside: readonly VirtualNode[]): () => void {
    const partition: Partition = { inside: idsOf(inside), oneWay: true, connectionsOnly: true }
    this.#partitions.add(partition)
    return () => this.#partitions.remove(partition)
  }

  /** The connections from and to a node break, and nobody can make a new one. Returns what takes it away. */
  isolate(node: VirtualNode): () => void {
    const partition: Partition = { inside: idsOf([node]), oneWay: false, connectionsOnly: true }
    this.#partitions.add(partition)
    for (const connection of node.transport.connections.values()) this.cut(connection)
    this.disconnectAll(node.transport, 0)
    return () => this.#partitions.remove(partition)
  }

  /** All that a node sends and is sent takes so much longer. Returns what ends it. */
  slow({ id }: VirtualNode, delay: Delay): () => void {
    return this.#delays.add(id, delay)
  }

  disconnectAll(to: VirtualTransport, seenAfter: number): void {
    for (const { transport } of this.nodes) {
      for (const connection of transport.connections.values()) {
        if (connection.to === to.id)
          this.schedule.after(seenAfter, () => this.#break(connection, this.now + this.#delayOf(connection)))
      }
    }
  }

  #break(connection: VirtualConnection, seenAt: number): void {
    if (connection.to === undefined || !connection.open) return
    connection.open = false
    this.schedule.at(seenAt, () => connection.tell('disconnected'))
    if (connection.back !== undefined) this.#break(connection.back, seenAt)
  }

  /** Tries until somebody answers at the endpoint. Not before the connection of the link before is gone. */
  connect(from: VirtualTransport, connection: VirtualConnection): void {
    const way = `${from.id} ${connection.endpoint}`
    const last = this.#arrivals.get(way)
    const earliest = last === undefined || last.connection === connection ? 0 : last.at + GONE_MS
    this.schedule.at(Math.max(this.now + this.#delayOf(connection), earliest), () => {
      if (!connection.open || !from.process.alive) return
      const to = this.#nodeAt(connection.endpoint)
      if (to === undefined || !to.answers || from.frozen) {
        connection.tell('disconnected')
        const pause = Math.min(RECONNECT_MS * 2 ** connection.refused++, MAX_RECONNECT_MS)
        this.schedule.after(pause, () => this.connect(from, connection))
        return
      }
      if (!this.#partitions.allowsConnect(from.id, to.id)) {
        this.schedule.after(CONNECT_MS, () => {
          if (!connection.open || !from.process.alive) return
          connection.tell('disconnected')
          this.connect(from, connection)
        })
        return
      }
      connection.to = to.id
      for (const frames of connection.waiting) this.carry(from, connection, frames)
      connection.waiting = []
      connection.tell('connected')
    })
  }

  connectBack(from: VirtualTransport, connection: VirtualConnection, routingId: Buffer): void {
    this.schedule.after(0, () => {
      if (!connection.open || !from.process.alive) return
      const made = this.#findConnection(routingId)
      if (made === undefined || !made.open || made.to !== from.id) {
        connection.tell('disconnected')
        return
      }
      made.back = connection
      connection.to = made.from
      for (const frames of connection.waiting) this.carry(from, connection, frames)
      connection.waiting = []
      connection.tell('connected')
    })
  }

  #findConnection(routingId: Buffer): VirtualConnection | undefined {
    for (const { process, transport } of this.nodes) {
      if (!process.alive) continue
      for (const connection of transport.connections.values())
        if (connection.routingId.equals(routingId)) return connection
    }
    return undefined
  }

  answers(from: VirtualTransport, endpoint: string): boolean {
    const to = this.#nodeAt(endpoint)
    return to?.answers === true && this.#partitions.allowsConnect(from.id, to.id)
  }

  identityAt(from: VirtualTransport, endpoint: string): Identity | undefined {
    const to = this.answers(from, endpoint) ? this.#nodeAt(endpoint) : undefined
    return to && { id: to.id, endpoint: to.endpoint }
  }

  /** A message arrives after those before it, and not at all when the connection breaks or is closed before. */
  carry(from: VirtualTransport, connection: VirtualConnection, frames: Buffer[]): void {
    if (connection.to === undefined) {
      connection.waiting.push(frames)
      return
    }
    const way = `${from.id} ${connection.endpoint || connection.peer}`
    const at = Math.max(this.now + this.#delayOf(connection), this.#arrivals.get(way)?.at ?? 0)
    this.#arrivals.set(way, { connection, at })
    this.schedule.at(at, () => {
      if (connection.held.length === 0 && this.#partitions.allows(connection.from, connection.to as string))
        this.#deliver(connection, frames)
      else {
        connection.held.push(frames)
        this.#held.add(connection)
      }
    })
  }

  #deliver(connection: VirtualConnection, frames: Buffer[]): void {
    connection.queued -= sizeOf(frames)
    if (!connection.open) return
    const { endpoint, to, routingId } = connection
    if (endpoint !== '') this.#nodeAt(endpoint)?.deliver(routingId, frames)
    else this.nodes.find(({ id }) => id === to)?.transport.deliverAnswer(routingId, frames)
  }

  /** One after another, as they would be read; what is sent meanwhile comes after them. */
  #repeat(connection: VirtualConnection): void {
    if (!this.#partitions.allows(connection.from, connection.to as string)) return
    const frames = connection.held.shift()
    if (frames !== undefined) this.#deliver(connection, frames)
    if (connection.held.length > 0) this.schedule.after(0, () => this.#repeat(connection))
    else this.#held.delete(connection)
  }

  /** How long a message takes. */
  #delayOf({ from, to, peer }: VirtualConnection): number {
    return this.#delays.ofMessage(from, to ?? peer)
  }

  #nodeAt(endpoint: string): VirtualTransport | undefined {
    return this.nodes.find(({ process, transport }) => process.alive && transport.endpoint === endpoint)
      ?.transport
  }
}

function idsOf(nodes: readonly VirtualNode[]): Set<string> {
  return new Set(nodes.map(({ id }) => id))
}
