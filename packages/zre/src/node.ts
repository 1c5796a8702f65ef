import { EventEmitter } from 'node:events'
import { addFrames, nodeClosed, queueFull } from './data-plane/channel.js'
import { Driver, type DriverParts } from './driver.js'
import { ZreError } from './error.js'
import { isSilent } from './machine/watch.js'
import { checkGroups, groupName, type Settings } from './options.js'
import type {
  ConnectedPeer,
  Content,
  FoundNode,
  NetworkInfo,
  NodeEvents,
  NodeStats,
  Peer,
  Sighting,
  ZreNode,
} from './types.js'
import { isMarked, type NodeId } from './wire/identity.js'
import { sizeOf } from './wire/message.js'

/** The node that users hold. It checks what they ask for, and the driver does it. */
export class Node extends EventEmitter<NodeEvents> implements ZreNode {
  readonly id: NodeId
  readonly name: string
  readonly #driver: Driver
  readonly #maxQueueSize: number

  constructor(settings: Settings, id: NodeId, parts: DriverParts) {
    super()
    this.#driver = new Driver(settings, id, this, parts)
    this.id = id
    this.name = this.#driver.name
    this.#maxQueueSize = settings.maxQueueSize
  }

  async open(): Promise<void> {
    await this.#driver.open()
    this.begin()
  }

  /** Without `open`, for a transport that has nothing to open. */
  begin(): void {
    this.#driver.begin()
  }

  get endpoint(): string {
    return this.#driver.endpoint
  }

  whisper(id: string, content: Content): void {
    const peer = this.peer(id)
    if (peer === undefined) {
      this.#assertOpen()
      throw new ZreError('ZRE_UNKNOWN_PEER', `no peer ${id} is present`)
    }
    peer.send(content)
  }

  backlog(id: string): number {
    return this.#driver.backlog(id)
  }

  ping(id: string): void {
    if (!this.#driver.closed) this.#driver.step({ type: 'ping', to: id })
  }

  use(id: string): void {
    const peer = this.#driver.peers.get(id)
    if (peer?.view === undefined || this.#driver.closed) return
    if (peer.watch === undefined) this.#driver.step({ type: 'used', id })
    else peer.watch.used = true
  }

  isSilent(id: string): boolean {
    return isSilent(this.#driver.peers.get(id))
  }

  heardAt(id: string): number | undefined {
    return this.#driver.peers.get(id)?.spokeAt
  }

  reachedAt(id: string): number | undefined {
    const peer = this.#driver.peers.get(id)
    return peer?.view === undefined ? undefined : peer.reachedAt
  }

  roundTrip(id: string): number | undefined {
    return this.#driver.reach.roundTrip(id)
  }

  network(): NetworkInfo {
    return this.#driver.network()
  }

  hears(id: string): boolean {
    return this.#driver.peers.get(id)?.isHeard ?? false
  }

  found({ id, endpoint, publicKey, ours = false }: FoundNode & { readonly id: string }): void {
    if (!this.#driver.closed) this.#driver.found({ id, endpoint, key: publicKey, ours })
  }

  gone({ id, endpoint }: { readonly id: string; readonly endpoint: string }): void {
    if (!this.#driver.closed) this.#driver.gone({ id, endpoint })
  }

  async link({
    id,
    endpoint,
    publicKey,
    ours = false,
  }: FoundNode & { readonly id: string }): Promise<boolean> {
    return !this.#driver.closed && this.#driver.link({ id, endpoint, key: publicKey, ours })
  }

  mayConnect(endpoint: string): boolean {
    return !this.#driver.closed && this.#driver.mayConnect(endpoint)
  }

  isIntroduced(id: string): boolean {
    return isMarked(id)
  }

  part(id: string): void {
    if (!this.#driver.closed) this.#driver.step({ type: 'part', id })
  }

  async probe(id: string): Promise<boolean | undefined> {
    return !this.#driver.closed && this.#driver.reach.probe(id)
  }

  async acknowledged(id: string): Promise<boolean> {
    return !this.#driver.closed && this.#driver.reach.acknowledged(id)
  }

  shout(group: string, content: Content): void {
    this.#assertOpen()
    groupName(group)
    const frames = addFrames([], content)
    const size = sizeOf(frames)
    for (const peer of this.#driver.peers.values()) {
      if (peer.view?.groups.has(group)) this.#assertRoom(peer.id, size)
    }
    this.#driver.step({ type: 'shout', group, content: frames })
  }

  join(group: string): void {
    this.#assertOpen()
    const groups = new Set(this.#driver.groups).add(groupName(group))
    checkGroups([...groups])
    this.#driver.step({ type: 'join', group })
  }

  leave(group: string): void {
    this.#assertOpen()
    this.#driver.step({ type: 'leave', group: groupName(group) })
  }

  peers(): Peer[] {
    return [...this.#driver.peers.values()].flatMap(({ view }) => view ?? [])
  }

  peer(id: string): ConnectedPeer | undefined {
    return this.#driver.peers.get(id)?.view
  }

  sightings(): Sighting[] {
    return this.#driver.sightings()
  }

  stats(): NodeStats {
    return this.#driver.counters.snapshot(this.peers().length)
  }

  close(): Promise<void> {
    return this.#driver.close()
  }

  #assertOpen(): void {
    if (this.#driver.closed) throw nodeClosed()
  }

  #assertRoom(id: NodeId, size: number): void {
    if (!this.#driver.hasRoom(id, size)) throw queueFull(id, this.#maxQueueSize)
  }
}
