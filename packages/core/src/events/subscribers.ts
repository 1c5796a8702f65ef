import { Interests } from './interests.js'
import { Outgoing, type Way } from './outgoing.js'

/** A node that subscribes. */
export interface Subscriber {
  readonly id: string
  /** Undefined for one that only calls. */
  readonly service: string | undefined
  readonly outgoing: Outgoing
}

/** To whom an event goes: `each` is one instance of each service, of those that are named if any are. */
export type Recipients = 'all' | 'each' | ReadonlySet<string>

/** The instances of a service that subscribe to a topic. */
interface Group {
  readonly service: string
  readonly members: readonly Subscriber[]
  next: number
}

interface Audience {
  readonly all: readonly Subscriber[]
  readonly groups: readonly Group[]
  /** Those without a service: each is a group of its own. */
  readonly single: readonly Subscriber[]
}

export interface SubscribersOptions {
  readonly maxQueued: number
  /** 0 for an instance that a call would go to. Of those of a service, one of the lowest rank gets an event. */
  readonly rank: (id: string) => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** The nodes that subscribe, and whom an event goes to. */
export class Subscribers {
  readonly #options: SubscribersOptions
  readonly #known = new Map<string, Subscriber>()
  readonly #interests: Interests<Subscriber, Audience>

  constructor(options: SubscribersOptions) {
    this.#options = options
    this.#interests = new Interests((found) => this.#audience(found))
  }

  get ids(): string[] {
    return [...this.#known.keys()]
  }

  /** A node says which patterns it subscribes to. These take the place of what it said before. */
  set(id: string, service: string | undefined, patterns: readonly string[], way: () => Way): void {
    let subscriber = this.#known.get(id)
    if (subscriber === undefined) {
      if (patterns.length === 0) return
      subscriber = { id, service, outgoing: new Outgoing(way, this.#options.maxQueued) }
      this.#known.set(id, subscriber)
    }
    this.#interests.set(subscriber, patterns)
  }

  /** A node is gone, or leaves. Returns how many events were on their way to it. */
  remove(id: string): number {
    const subscriber = this.#known.get(id)
    if (subscriber === undefined) return 0
    this.#known.delete(id)
    this.#interests.set(subscriber, [])
    return subscriber.outgoing.close()
  }

  /** Whom an event of a topic goes to. */
  of(topic: string, to: Recipients): readonly Subscriber[] {
    if (this.#interests.size === 0) return none
    const { all, groups, single } = this.#interests.of(topic)
    if (to === 'all') return all
    if (to === 'each') {
      if (groups.length === 0) return single
      return [...groups.map((group) => this.#pick(group)), ...single]
    }
    return groups.filter(({ service }) => to.has(service)).map((group) => this.#pick(group))
  }

  /** Resolves when nothing waits to be sent. */
  async emptied(): Promise<void> {
    await Promise.all(Array.from(this.#known.values(), ({ outgoing }) => outgoing.emptied()))
  }

  /** Each in turn, but rather one that calls would go to, and rather one that takes what it is sent. */
  #pick(group: Group): Subscriber {
    const { members } = group
    let best = 0
    let least = Number.POSITIVE_INFINITY
    for (let passed = 0; passed < members.length && least > 0; passed++) {
      const at = (group.next + passed) % members.length
      const { id, outgoing } = members[at] as Subscriber
      const cost = outgoing.waiting + this.#options.rank(id) * RANK
      if (cost >= least) continue
      best = at
      least = cost
    }
    group.next = (best + 1) % members.length
    return members[best] as Subscriber
  }

  #audience(all: readonly Subscriber[]): Audience {
    const members = new Map<string, Subscriber[]>()
    const single: Subscriber[] = []
    for (const subscriber of all) {
      const { service } = subscriber
      const others = service === undefined ? single : members.get(service)
      if (others !== undefined) others.push(subscriber)
      else members.set(service as string, [subscriber])
    }
    // Otherwise the first instance would get the first event of every sender.
    const start = (list: readonly unknown[]) => Math.floor(this.#options.random() * list.length)
    const groups = Array.from(members, ([service, list]) => ({ service, members: list, next: start(list) }))
    return { all, groups, single }
  }
}

/** More than any queue holds. */
const RANK = 2 ** 40

const none: readonly Subscriber[] = []
