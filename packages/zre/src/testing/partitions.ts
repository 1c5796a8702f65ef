/** What one side says does not reach the other: a network that is split, or a way that is broken in one direction. */
export interface Wall {
  readonly inside: ReadonlySet<string>
  /** What is said outside reaches those inside. */
  readonly oneWay: boolean
  /** A firewall: only new connections do not get through. */
  readonly connectionsOnly?: boolean
}

/** All that stand in the way at a time. */
export class Walls {
  readonly #result = new Set<Wall>()

  raise(wall: Wall): void {
    this.#result.add(wall)
  }

  fell(wall: Wall): void {
    this.#result.delete(wall)
  }

  stands(wall: Wall): boolean {
    return this.#result.has(wall)
  }

  /** Whether what one node says reaches another. */
  lets(from: string, to: string): boolean {
    for (const wall of this.#result) if (!wall.connectionsOnly && stops(wall, from, to)) return false
    return true
  }

  /** Whether one node can connect to another: each has to hear the other. */
  letsConnect(from: string, to: string): boolean {
    for (const wall of this.#result) {
      if (stops(wall, from, to) || (!wall.connectionsOnly && stops(wall, to, from))) return false
    }
    return true
  }
}

function stops({ inside, oneWay }: Wall, from: string, to: string): boolean {
  return inside.has(from) !== inside.has(to) && (!oneWay || inside.has(from))
}
