import type { Identity } from '../wire/identify.js'
import type { NodeId } from '../wire/identity.js'
import { sizeOf } from '../wire/message.js'
import { Delays } from './delays.js'
import type { Delay, NetworkSettings } from './network-options.js'
import { divides, type Partition, Partitions } from './partitions.js'
import type { Random } from './random.js'
import type { Schedule } from './schedule.js'
import type { VirtualConnection } from './virtual-connection.js'
import type { VirtualNode } from './virtual-node.js'
import type { Carrier, VirtualTransport } from './virtual-transport.js'

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

type Host = Pick<VirtualNode, 'alive' | 'process' | 'transport'>

/** The last message on a way. */
interface Arrival {
  connection: VirtualConnection
  at: number
}

/** The cables of a virtual network: what leaves one node arrives at another in time, late, or never. */
export class VirtualCarrier implements Carrier {
  readonly #hosts: readonly Host[]
  readonly #settings: NetworkSettings
  readonly #schedule: Schedule
  readonly #random: Random
  /** By the sender's id, and then by where it goes: the endpoint, or the peer of an answer. */
  readonly #arrivals = new Map<NodeId, Map<string, Arrival>>()
  /** Who was last found at an endpoint: a search among all hosts for each message would take longer than all else. */
  readonly #found = new Map<string, Host>()
  readonly #partitions = new Partitions()
  readonly #delays: Delays
  /** Those on which something waits for a wall to fall. */
  readonly #held = new Set<VirtualConnection>()

  /** `hosts`: who is there now; the list changes. */
  constructor(hosts: readonly Host[], settings: NetworkSettings, schedule: Schedule, random: Random) {
    this.#hosts = hosts
    this.#settings = settings
    this.#schedule = schedule
    this.#random = random
    this.#delays = new Delays(settings, random)
  }

  get #now(): number {
    return this.#schedule.now
  }

  /** Forgets a node that is gone. */
  remove({ id, endpoint }: VirtualTransport): void {
    this.#arrivals.delete(id)
    for (const ways of this.#arrivals.values()) ways.delete(endpoint)
    this.#found.delete(endpoint)
  }

  /** What two sides say reaches each other only in part. Returns what makes the network whole again. */
  divide(partition: Partition): () => void {
    this.#partitions.add(partition)
    return () => this.#partitions.remove(partition)
  }

  /** As `divide`: what is under way to the other side waits, and connections that it lasts too long for break. */
  split(partition: Partition): () => void {
    const restore = this.divide(partition)
    for (const { transport } of this.#hosts) {
      for (const connection of transport.connections.values())
        this.#schedule.after(this.#random.between(...LOST_MS), () => {
          if (connection.to === undefined || !divides(partition, connection.from, connection.to)) return
          if (this.#partitions.has(partition)) this.#break(connection, this.#now)
        })
    }
    return () => {
      restore()
      for (const connection of this.#held)
        this.#schedule.after(this.#random.between(0, REPEAT_MS), () => this.#repeat(connection))
    }
  }

  /** All that a node sends and is sent takes so much longer. Returns what ends it. */
  slow(id: NodeId, delay: Delay): () => void {
    return this.#delays.add(id, delay)
  }

  broadcast({ id, address }: VirtualTransport, bytes: Buffer): void {
    const { beaconLoss, beaconDoubling } = this.#settings
    for (const { alive, transport } of this.#hosts) {
      if (!alive || !this.#partitions.allows(id, transport.id)) continue
      for (let copies = this.#random.chance(beaconDoubling) ? 2 : 1; copies > 0; copies--) {
        if (this.#random.chance(beaconLoss)) continue
        const delay = this.#delays.ofBeacon(id, transport.id)
        this.#schedule.after(delay, () => transport.hear(bytes, address))
      }
    }
  }

  /** A connection breaks: what is under way on it is lost, and the one who holds it sees it. */
  cut(connection: VirtualConnection): void {
    this.#break(connection, this.#now + this.#delayOf(connection))
  }

  disconnectAll(to: VirtualTransport, seenAfter: number): void {
    for (const { transport } of this.#hosts) {
      for (const connection of transport.connections.values()) {
        if (connection.to === to.id)
          this.#schedule.after(seenAfter, () =>
            this.#break(connection, this.#now + this.#delayOf(connection)),
          )
      }
    }
  }

  #break(connection: VirtualConnection, seenAt: number): void {
    if (connection.to === undefined || !connection.open) return
    connection.open = false
    this.#schedule.at(seenAt, () => connection.tell('disconnected'))
    if (connection.back !== undefined) this.#break(connection.back, seenAt)
  }

  /** Tries until somebody answers at the endpoint. Not before the connection of the link before is gone. */
  connect(from: VirtualTransport, connection: VirtualConnection): void {
    const last = this.#arrivals.get(from.id)?.get(connection.endpoint)
    const earliest = last === undefined || last.connection === connection ? 0 : last.at + GONE_MS
    this.#schedule.at(Math.max(this.#now + this.#delayOf(connection), earliest), () => {
      if (!connection.open || !from.process.alive) return
      const to = this.#nodeAt(connection.endpoint)
      if (to === undefined || !to.answers || from.frozen) {
        connection.tell('disconnected')
        const pause = Math.min(RECONNECT_MS * 2 ** connection.refused++, MAX_RECONNECT_MS)
        this.#schedule.after(pause, () => this.connect(from, connection))
        return
      }
      if (!this.#partitions.allowsConnect(from.id, to.id)) {
        this.#schedule.after(CONNECT_MS, () => {
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
    this.#schedule.after(0, () => {
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
    for (const { process, transport } of this.#hosts) {
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
    const at = this.#arrivalOf(from, connection, this.#now + this.#delayOf(connection))
    this.#schedule.at(at, () => {
      if (connection.held.length === 0 && this.#partitions.allows(connection.from, connection.to as string))
        this.#deliver(connection, frames)
      else {
        connection.held.push(frames)
        this.#held.add(connection)
      }
    })
  }

  /** When a message arrives that could be there at a certain time. */
  #arrivalOf({ id }: VirtualTransport, connection: VirtualConnection, earliest: number): number {
    let ways = this.#arrivals.get(id)
    if (ways === undefined) {
      ways = new Map()
      this.#arrivals.set(id, ways)
    }
    const way = connection.endpoint || connection.peer
    const last = ways.get(way)
    if (last === undefined) {
      ways.set(way, { connection, at: earliest })
      return earliest
    }
    last.connection = connection
    if (earliest > last.at) last.at = earliest
    return last.at
  }

  #deliver(connection: VirtualConnection, frames: Buffer[]): void {
    connection.queued -= sizeOf(frames)
    if (!connection.open) return
    const { endpoint, to, routingId } = connection
    if (endpoint !== '') this.#nodeAt(endpoint)?.deliver(routingId, frames)
    else this.#hosts.find(({ transport }) => transport.id === to)?.transport.deliverAnswer(routingId, frames)
  }

  /** One after another, as they would be read; what is sent meanwhile comes after them. */
  #repeat(connection: VirtualConnection): void {
    if (!this.#partitions.allows(connection.from, connection.to as string)) return
    const frames = connection.held.shift()
    if (frames !== undefined) this.#deliver(connection, frames)
    if (connection.held.length > 0) this.#schedule.after(0, () => this.#repeat(connection))
    else this.#held.delete(connection)
  }

  /** How long a message takes. */
  #delayOf({ from, to, peer }: VirtualConnection): number {
    return this.#delays.ofMessage(from, to ?? peer)
  }

  #nodeAt(endpoint: string): VirtualTransport | undefined {
    const last = this.#found.get(endpoint)
    if (last?.process.alive && last.transport.endpoint === endpoint) return last.transport
    const host = this.#hosts.find(
      ({ process, transport }) => process.alive && transport.endpoint === endpoint,
    )
    if (host !== undefined) this.#found.set(endpoint, host)
    return host?.transport
  }
}
