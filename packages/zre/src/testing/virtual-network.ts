import { checkOptions } from '../options.js'
import type { NodeOptions } from '../types.js'
import { formatEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import { type Delay, type NetworkOptions, type NetworkSettings, withDefaults } from './network-options.js'
import { Random } from './random.js'
import { Schedule } from './schedule.js'
import { VirtualCarrier } from './virtual-carrier.js'
import { VirtualNode } from './virtual-node.js'

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

/** Hundreds of nodes in one process, on a virtual clock: what happens is decided by the seed alone. */
export class VirtualNetwork {
  readonly schedule: Schedule
  readonly random: Random
  readonly nodes: VirtualNode[] = []
  readonly #options: NetworkSettings
  readonly #carrier: VirtualCarrier
  #nextHost = 1

  constructor({ schedule = new Schedule(), ...options }: NetworkOptions) {
    this.#options = withDefaults(options)
    this.schedule = schedule
    this.random = new Random(options.seed)
    this.#carrier = new VirtualCarrier(this.nodes, this.#options, this.schedule, this.random)
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
      carrier: this.#carrier,
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
    this.#carrier.remove(node.transport)
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

  /** The connection of one node to another breaks. */
  disconnect(from: VirtualNode, to: VirtualNode): void {
    const connection = from.transport.connections.get(to.id)
    if (connection !== undefined) this.#carrier.cut(connection)
  }

  /**
   * Some nodes do not reach the others any more, nor, unless it is `oneWay`, the others them. What is under way to the
   * other side waits, and connections that it lasts too long for break. `outside`: by default all others, also those to come.
   * Returns what makes it whole again.
   */
  split(inside: readonly VirtualNode[], oneWay = false, outside?: readonly VirtualNode[]): () => void {
    return this.#carrier.split({ inside: idsOf(inside), outside: outside && idsOf(outside), oneWay })
  }

  /** Some nodes can't connect to the others any more: a firewall that knows no UDP. Returns what takes it away. */
  firewall(inside: readonly VirtualNode[]): () => void {
    return this.#carrier.divide({ inside: idsOf(inside), oneWay: true, connectionsOnly: true })
  }

  /** The connections from and to a node break, and nobody can make a new one. Returns what takes it away. */
  isolate(node: VirtualNode): () => void {
    const restore = this.#carrier.divide({ inside: idsOf([node]), oneWay: false, connectionsOnly: true })
    for (const connection of node.transport.connections.values()) this.#carrier.cut(connection)
    this.#carrier.disconnectAll(node.transport, 0)
    return restore
  }

  /** All that a node sends and is sent takes so much longer. Returns what ends it. */
  slow({ id }: VirtualNode, delay: Delay): () => void {
    return this.#carrier.slow(id, delay)
  }
}

function idsOf(nodes: readonly VirtualNode[]): Set<string> {
  return new Set(nodes.map(({ id }) => id))
}
