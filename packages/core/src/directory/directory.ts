import type { Peer } from '@sleuth/zre'
import type { Balance, DownEvent, DownReason, Instance, Service, UpEvent } from '../types.js'
import { Endpoint } from './endpoint.js'
import { type Announced, isSame, type Network, readAnnouncement } from './instance.js'
import { Chooser, candidatesOf, earliest, type PickerOptions, type Selector } from './selector.js'
import { weightOf } from './weight.js'

export interface DirectoryEvents {
  up(event: UpEvent): void
  /** An instance that was up has a link by now. */
  linked?(event: UpEvent): void
  down(event: DownEvent): void
}

/** Which instances offer which service. The key is the id of a peer, and not its name as in Go: two names may be the same. */
export class Directory {
  readonly #network: Network
  readonly #events: DirectoryEvents
  readonly #picking: PickerOptions
  readonly #pools = new Map<string, Pool>()
  readonly #serviceOf = new Map<string, string>()

  constructor(network: Network, picking: PickerOptions, events: DirectoryEvents) {
    this.#network = network
    this.#picking = picking
    this.#events = events
  }

  /** Adds a peer that entered or joined the group. Throws 924 for an incomplete announcement. */
  add(peer: Peer): void {
    const announced = readAnnouncement(peer, this.#network)
    if (announced === undefined) return
    if (this.#put(announced, true)) this.#events.linked?.(announced)
  }

  /** Adds an instance that others have told of, or corrects what they told before. There need be no link to it. */
  show(told: Announced): void {
    const { id } = told.instance
    if (this.#find(id)?.isLinked) return
    if (this.#serviceOf.get(id) !== told.service) this.remove(id, 'left')
    this.#put(told, false)
  }

  /** As `remove`, for an instance without a link. */
  hide(id: string, reason: DownReason): void {
    if (this.#find(id)?.isLinked === false) this.remove(id, reason)
  }

  /** The link to an instance is closed, and the instance is up as before. Whether it wants calls is not known any more. */
  part(id: string): void {
    this.setLinked(id, false)
    this.setReady(id, true)
  }

  /** The link to an instance is about to be closed, or stays after all. */
  setLinked(id: string, isLinked: boolean): void {
    const member = this.#find(id)
    if (member !== undefined) member.isLinked = isLinked
  }

  /** Whether there is a link to an instance. Undefined for one that is not up. */
  isLinked(id: string): boolean | undefined {
    return this.#find(id)?.isLinked
  }

  #find(id: string): Endpoint | undefined {
    const service = this.#serviceOf.get(id)
    return service === undefined ? undefined : this.#pools.get(service)?.find(id)
  }

  /** Whether it was up already. */
  #put({ service, instance }: Announced, isLinked: boolean): boolean {
    const pool = this.#pools.get(service) ?? new Pool(this.#picking)
    const known = pool.find(instance.id)
    if (known !== undefined) {
      known.isLinked = isLinked
      if (!isSame(known.instance, instance)) pool.describe(known, instance)
      return true
    }
    // It offered another service, as others told.
    if (this.#serviceOf.has(instance.id)) this.remove(instance.id, 'left')
    pool.add(instance, isLinked)
    this.#pools.set(service, pool)
    this.#serviceOf.set(instance.id, service)
    this.#events.up({ service, instance })
    return false
  }

  remove(id: string, reason: DownReason): void {
    const service = this.#serviceOf.get(id)
    const pool = service === undefined ? undefined : this.#pools.get(service)
    const instance = pool?.remove(id)
    if (service === undefined || pool === undefined || instance === undefined) return
    this.#serviceOf.delete(id)
    if (pool.size === 0) this.#pools.delete(service)
    this.#events.down({ service, instance, reason })
  }

  /** An instance says whether it wants calls. True if it had said something else. */
  setReady(id: string, ready: boolean): boolean {
    const service = this.#serviceOf.get(id)
    return service !== undefined && this.#pools.get(service)?.setReady(id, ready) === true
  }

  /** 0 for an instance that a call would go to, as far as is known; 1 while it is ejected; 2 while it wants no calls. */
  rank(id: string): number {
    const member = this.#find(id)
    if (member === undefined) return 0
    if (!member.instance.ready) return 2
    return member.health.ejectedUntil > this.#picking.now() ? 1 : 0
  }

  /** Whether an instance of a service wants calls. */
  hasReady(service: string): boolean {
    return this.#pools.get(service)?.hasReady === true
  }

  clear(reason: DownReason): void {
    for (const id of [...this.#serviceOf.keys()]) this.remove(id, reason)
  }

  /** Picks the instance for the next call of a service. It is not one of `tried`. */
  next(
    service: string,
    tried?: readonly Endpoint[],
    balance?: Balance,
    selector?: Selector,
  ): Endpoint | undefined {
    return this.#pools.get(service)?.next(tried, balance, selector)
  }

  /** Whether an instance of a service can be called that is not one of `tried`. */
  hasOther(service: string, tried: readonly Endpoint[], selector?: Selector): boolean {
    return this.#pools.get(service)?.hasOther(tried, selector) === true
  }

  /** How many instances a service has that match. `most`: it need not be known how many more there are. */
  size(service: string, selector?: Selector, most = Infinity): number {
    const pool = this.#pools.get(service)
    if (pool === undefined) return 0
    return selector === undefined ? pool.size : pool.count(selector, most)
  }

  /** The services that calls went to since this was last asked. */
  takeUsed(): string[] {
    const used: string[] = []
    for (const [service, pool] of this.#pools) {
      if (pool.isUsed) used.push(service)
      pool.isUsed = false
    }
    return used
  }

  /** The names of all services that have an instance. */
  names(): string[] {
    return [...this.#pools.keys()]
  }

  services(): Service[] {
    return Array.from(this.#pools, ([service, pool]) => ({ service, instances: pool.instances }))
  }
}

const none: readonly Endpoint[] = []

/** The instances of one service. It picks them in turn, in the order of Go (workers.go), or the idler of two. */
export class Pool {
  readonly #members: Endpoint[] = []
  /** Those that are ready. All, if none is: then a call has no better chance elsewhere. */
  #wanting: readonly Endpoint[] = this.#members
  readonly #picking: PickerOptions
  #current = 0
  /** An instance asks for another share of calls than the rest. */
  #isWeighted = false
  readonly #chooser: Chooser
  /** How many instances there are. */
  size = 0
  /** An instance was picked. Its reader sets it back. */
  isUsed = false

  constructor(picking: PickerOptions) {
    this.#picking = picking
    this.#chooser = new Chooser(picking)
  }

  get instances(): Instance[] {
    return this.#members.map(({ instance }) => instance)
  }

  find(id: string): Endpoint | undefined {
    return this.#members.find(({ instance }) => instance.id === id)
  }

  /** Returns false if the instance is there already. */
  add(instance: Instance, isLinked = true): boolean {
    if (this.find(instance.id) !== undefined) return false
    this.size = this.#members.push(new Endpoint(instance, isLinked))
    this.#sort()
    return true
  }

  remove(id: string): Instance | undefined {
    const index = this.#members.findIndex(({ instance }) => instance.id === id)
    if (index === -1) return undefined
    const [removed] = this.#members.splice(index, 1)
    this.size = this.#members.length
    this.#sort()
    return removed?.instance
  }

  /** True if it was otherwise before. */
  setReady(id: string, ready: boolean): boolean {
    const member = this.#members.find(({ instance }) => instance.id === id)
    if (member === undefined || member.instance.ready === ready) return false
    member.instance = Object.freeze({ ...member.instance, ready })
    this.#sort()
    return true
  }

  get hasReady(): boolean {
    return this.#wanting[0]?.instance.ready === true
  }

  /** The instance says something else of itself. */
  describe(member: Endpoint, instance: Instance): void {
    member.instance = Object.freeze({ ...instance, ready: member.instance.ready })
    member.weight = weightOf(instance)
    this.#sort()
  }

  /** How many instances match, up to `most`. */
  count(selector: Selector, most: number): number {
    let count = 0
    for (const { instance } of this.#members) if (selector.matches(instance) && ++count >= most) break
    return count
  }

  #sort(): void {
    this.#isWeighted = this.#members.some(({ weight }) => weight !== 1)
    const ready = this.#members.filter(({ instance }) => instance.ready)
    this.#wanting = ready.length === 0 || ready.length === this.size ? this.#members : ready
  }

  /** Returns undefined if all instances are in `tried`, or all that are ready, as long as one is. */
  next(
    tried: readonly Endpoint[] = none,
    balance: Balance = this.#picking.balance,
    selector?: Selector,
  ): Endpoint | undefined {
    this.isUsed = true
    if (selector !== undefined || this.#isWeighted) {
      return this.#chooser.choose(this.#members, tried, balance, selector)
    }
    return balance === 'round-robin' ? this.#nextInTurn(tried) : this.#powerOfTwo(tried)
  }

  hasOther(tried: readonly Endpoint[], selector?: Selector): boolean {
    const now = this.#picking.now()
    const isChosen = selector !== undefined || this.#isWeighted
    const members = isChosen ? candidatesOf(this.#members, selector, now) : this.#wanting
    return members.some((member) => member.health.ejectedUntil <= now && !tried.includes(member))
  }

  /** As in Go, a removal does not move the cursor, so it may skip one instance once. */
  #nextInTurn(tried: readonly Endpoint[]): Endpoint | undefined {
    const members = this.#wanting
    let first: Endpoint | undefined
    for (let passed = 0; passed < members.length; passed++) {
      if (this.#current >= members.length) this.#current = 0
      const member = members[this.#current++] as Endpoint
      if (tried !== none && tried.includes(member)) continue
      if (member.health.ejectedUntil === 0 || this.#isAvailable(member)) return member
      first = earliest(first, member)
    }
    return first
  }

  /** Of two random instances, it picks the one with fewer pending calls. The idlest of all would get the calls of all callers. */
  #powerOfTwo(tried: readonly Endpoint[]): Endpoint | undefined {
    const { random, now } = this.#picking
    let usable = this.#wanting
    if (tried !== none || usable.some(({ health }) => health.ejectedUntil !== 0)) {
      const untried = usable.filter((member) => !tried.includes(member))
      usable = untried.filter(({ health }) => health.ejectedUntil <= now())
      if (usable.length === 0) return untried.reduce<Endpoint | undefined>(earliest, undefined)
    }
    const at = Math.floor(random() * usable.length)
    const one = usable[at]
    if (one === undefined) return undefined
    const other = usable[(at + 1 + Math.floor(random() * (usable.length - 1))) % usable.length] as Endpoint
    const chosen = other.pending < one.pending ? other : one
    this.#isAvailable(chosen)
    return chosen
  }

  /** Whether a call may go there. */
  #isAvailable({ health }: Endpoint): boolean {
    if (health.ejectedUntil === 0) return true
    const now = this.#picking.now()
    if (now < health.ejectedUntil) return false
    health.onPicked(now)
    return true
  }
}
