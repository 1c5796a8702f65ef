import type { Description } from '#src/membership/record.js'
import type { Member, World } from './world.js'

/** A newcomer's beacons are sent at these times, those of others once in so many milliseconds. Some of them are lost. */
const FIRST_BEACONS = [1, 50, 150, 350, 1350]
const BEACON = 1000
const LOSS = 0.01

/** Nodes that hear each other's beacons, and greet whom they hear. */
export class Subnet {
  readonly members: Member[] = []
  readonly #world: World
  readonly #address: string
  readonly #heard = new Map<Member, Set<Member>>()

  /** `address`: its first three numbers. */
  constructor(world: World, address: string) {
    this.#world = world
    this.#address = address
    const before = world.isHeard
    world.isHeard = (from, by) => before(from, by) || (this.#heard.get(by)?.has(from) ?? false)
  }

  add(service?: string, more: Partial<Description> = {}): Member {
    const world = this.#world
    const endpoint = `tcp://${this.#address}.${this.members.length + 1}:5670`
    const member = world.add(service, { endpoint, ...more })
    this.#heard.set(member, new Set())
    for (const other of this.members) {
      this.#beacon(member, other, FIRST_BEACONS.find(() => !world.random.chance(LOSS)) ?? BEACON)
      this.#beacon(other, member, world.random.between(0, BEACON))
    }
    this.members.push(member)
    return member
  }

  #beacon(from: Member, to: Member, after: number): void {
    this.#world.schedule.after(after, () => {
      if (!from.isAlive || !to.isAlive) return
      this.#heard.get(to)?.add(from)
      this.#world.connect(to, from)
    })
  }
}
