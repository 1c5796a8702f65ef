/** What one side says does not reach the other: a network that is split, or a way that is broken in one direction. */
export interface Partition {
  readonly inside: ReadonlySet<string>
  /** Who is on the other side. Default: all that are not inside. */
  readonly outside?: ReadonlySet<string> | undefined
  /** What is said outside reaches those inside. */
  readonly oneWay: boolean
  /** A firewall: only new connections do not get through. */
  readonly connectionsOnly?: boolean
}

/** All that stand in the way at a time. */
export class Partitions {
  readonly #result = new Set<Partition>()

  add(partition: Partition): void {
    this.#result.add(partition)
  }

  remove(partition: Partition): void {
    this.#result.delete(partition)
  }

  has(partition: Partition): boolean {
    return this.#result.has(partition)
  }

  /** Whether what one node says reaches another. */
  allows(from: string, to: string): boolean {
    for (const partition of this.#result)
      if (!partition.connectionsOnly && stops(partition, from, to)) return false
    return true
  }

  /** Whether one node can connect to another: each has to hear the other. */
  allowsConnect(from: string, to: string): boolean {
    for (const partition of this.#result) {
      if (stops(partition, from, to) || (!partition.connectionsOnly && stops(partition, to, from)))
        return false
    }
    return true
  }
}

function stops(partition: Partition, from: string, to: string): boolean {
  return divides(partition, from, to) && (!partition.oneWay || partition.inside.has(from))
}

/** Whether two nodes are on different sides. */
export function divides({ inside, outside }: Partition, one: string, other: string): boolean {
  if (inside.has(one) === inside.has(other)) return false
  return outside === undefined || outside.has(inside.has(one) ? other : one)
}
