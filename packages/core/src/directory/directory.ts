import type { Peer } from '@sleuth/zre'
import type { Balance, DownEvent, DownReason, Service, UpEvent } from '../types.js'
import type { Endpoint } from './endpoint.js'
import { type Announced, isSame, type Network, readAnnouncement } from './instance.js'
import { Pool } from './pool.js'
import type { PickerOptions, Selector } from './selector.js'

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
