import type { Peer } from '@sleuth/zre'
import type { DownEvent, DownReason, Service, UpEvent } from '../types.js'
import type { Endpoint } from './endpoint.js'
import { type Network, readAnnouncement } from './instance.js'
import { type PickerOptions, Pool } from './pool.js'

export interface DirectoryEvents {
  up(event: UpEvent): void
  down(event: DownEvent): void
}

/** Which instances offer which service. Keyed by a peer's id, where Go has its name: names may clash. */
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
    const { service, instance } = announced
    const pool = this.#pools.get(service) ?? new Pool(this.#picking)
    if (!pool.add(instance)) return
    this.#pools.set(service, pool)
    this.#serviceOf.set(peer.id, service)
    this.#events.up({ service, instance })
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

  clear(reason: DownReason): void {
    for (const id of [...this.#serviceOf.keys()]) this.remove(id, reason)
  }

  /** The instance that gets the next call of a service. It is not in `tried`. */
  next(service: string, tried?: readonly Endpoint[]): Endpoint | undefined {
    return this.#pools.get(service)?.next(tried)
  }

  /** How many instances a service has. */
  size(service: string): number {
    return this.#pools.get(service)?.size ?? 0
  }

  hasAll(services: Iterable<string>): boolean {
    for (const service of services) if (!this.#pools.has(service)) return false
    return true
  }

  services(): Service[] {
    return Array.from(this.#pools, ([service, pool]) => ({ service, instances: pool.instances }))
  }
}
