import type { NodeOptions, ZreNode } from '@sleuth/zre'
import type { Network, Sleuth } from '../../types.js'

/**
 * Where a `Network` has what this library asks it for, and where a process has the network of those that name none. The symbol
 * has a name, so it is that of other copies of this package, too.
 */
export const networkKey: unique symbol = Symbol.for('sleuth.network')

/** One that joins, or has joined. */
export interface Member {
  readonly sleuth: Sleuth
  /** As `sleuth.close()`, which is valid afterwards all the same. */
  end(): Promise<void>
}

/** What takes the place of the machine's network. */
export interface NetworkParts {
  createNode(options: NodeOptions, member: Member): Promise<ZreNode>
  /** Called when the member listens. It has not joined before this resolves. */
  joined(member: Member): Promise<void>
  /** Milliseconds for which a service that leaves still rejects requests. */
  readonly graceTime: number
}

interface Keyed {
  readonly [networkKey]?: NetworkParts
}

export function isNetwork(value: unknown): value is Network {
  return typeof value === 'object' && value !== null && networkKey in value
}

/** The parts of the network that was given, else of the one that the process is on. Undefined: the machine's. */
export function partsOf(given: Network | undefined): NetworkParts | undefined {
  const network = given ?? (globalThis as { [networkKey]?: Network })[networkKey]
  return (network as Keyed | undefined)?.[networkKey]
}
