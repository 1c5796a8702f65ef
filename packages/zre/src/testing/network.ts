import type { MachineConfig } from '../machine/types.js'
import { decodeBeacon } from '../wire/beacon.js'
import { formatEndpoint, parseEndpoint } from '../wire/endpoint.js'
import { type Carrier, GONE_MS, type Link, VirtualNode } from './node.js'
import { Random } from './random.js'
import { Schedule } from './schedule.js'

export interface NetworkOptions {
  readonly seed: number
  /** The share of beacons that get lost, from 0 to 1. Default 0. */
  readonly beaconLoss?: number
  /** The share of beacons that arrive twice. Default 0. */
  readonly beaconDoubling?: number
  /** Beacons take up to this long, in ms, and so overtake each other. Default 5. */
  readonly beaconDelay?: number
  /** Messages take up to this long, in ms, and keep their order. Default 5. */
  readonly messageDelay?: number
}

/** Hundreds of nodes in one process, on a virtual clock: what happens is decided by the seed alone. */
export class VirtualNetwork implements Carrier {
  readonly schedule = new Schedule()
  readonly random: Random
  readonly nodes: VirtualNode[] = []
  readonly #options: Required<NetworkOptions>
  readonly #cuts = new Map<string, number>()
  readonly #arrivals = new Map<string, { link: object; at: number }>()
  #nextHost = 1

  constructor(options: NetworkOptions) {
    this.#options = { beaconLoss: 0, beaconDoubling: 0, beaconDelay: 5, messageDelay: 5, ...options }
    this.random = new Random(options.seed)
  }

  get now(): number {
    return this.schedule.now
  }

  get live(): VirtualNode[] {
    return this.nodes.filter(({ alive }) => alive)
  }

  /** A node joins, each on a host of its own. */
  add(config: Partial<MachineConfig> = {}): VirtualNode {
    const host = this.#nextHost++
    const id = this.random.hex(32).toUpperCase()
    const node = new VirtualNode(this, {
      id,
      name: id.slice(0, 6),
      headers: new Map(),
      groups: [],
      endpoint: formatEndpoint(`10.0.${host >> 8}.${host & 0xff}`, 49152 + host),
      interval: 1000,
      evasive: 3000,
      expired: 5000,
      maxPeers: 1024,
      isOnNetwork: (address) => address.startsWith('10.0.'),
      ...config,
    })
    this.nodes.push(node)
    return node
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

  broadcast(from: VirtualNode, bytes: Buffer): void {
    const { beaconLoss, beaconDoubling, beaconDelay } = this.#options
    const beacon = decodeBeacon(bytes)
    const address = parseEndpoint(from.state.endpoint)?.address
    if (typeof beacon === 'string' || address === undefined)
      throw new Error('a node sent a beacon that is none')
    for (const node of this.nodes) {
      if (!node.alive) continue
      for (let copies = this.random.chance(beaconDoubling) ? 2 : 1; copies > 0; copies--) {
        if (this.random.chance(beaconLoss)) continue
        const input = { type: 'beacon', ...beacon, address } as const
        this.schedule.after(this.random.between(0, beaconDelay), () => node.do(input))
      }
    }
  }

  /** A connection breaks and comes back: what is under way on it, from one node to another, is lost. */
  cut(from: VirtualNode, to: VirtualNode): void {
    const way = `${from.id} ${to.state.endpoint}`
    this.#cuts.set(way, (this.#cuts.get(way) ?? 0) + 1)
  }

  /** A message arrives after those before it, and not at all when the connection is closed before. */
  carry(from: VirtualNode, link: Link, frames: Buffer[]): void {
    const way = `${from.id} ${link.endpoint}`
    const last = this.#arrivals.get(way)
    const earliest = last === undefined ? 0 : last.at + (last.link === link ? 0 : GONE_MS)
    const at = Math.max(this.now + this.random.between(0, this.#options.messageDelay), earliest)
    this.#arrivals.set(way, { link, at })
    const cuts = this.#cuts.get(way)
    this.schedule.at(at, () => {
      if (this.#cuts.get(way) !== cuts) return
      const to = this.nodes.find(({ alive, state }) => alive && state.endpoint === link.endpoint)
      if (link.open) to?.deliver(from.id, frames)
    })
  }
}
