import { EventEmitter } from 'node:events'
import {
  type ConnectedPeer,
  type Content,
  type NodeEvents,
  type NodeOptions,
  type NodeStats,
  type Peer,
  type Sighting,
  ZreError,
  type ZreNode,
} from '@sleuth/zre'
import type { Event, VirtualNetwork, VirtualNode } from '@sleuth/zre/testing'

/** What the driver waits before it says that it has gone. */
const FAREWELL_MS = 50

export interface NodeConfig {
  /** Where a process was that this one takes the place of. */
  readonly endpoint?: string | undefined
  /** Go's: it does not say which wire it speaks. */
  readonly go: boolean
  /** Bytes that may wait for a peer. */
  readonly maxQueueSize: number
  /** Called before each event: it is this process's turn. */
  readonly turn: () => void
}

/** A node of the virtual network, behind the interface of a real one. */
export class SimulatedNode extends EventEmitter<NodeEvents> implements ZreNode {
  readonly virtual: VirtualNode
  readonly #config: NodeConfig
  #closing: Promise<void> | undefined

  constructor(network: VirtualNetwork, { headers = {}, groups = [] }: NodeOptions, config: NodeConfig) {
    super()
    this.#config = config
    const id = network.random.hex(32).toUpperCase()
    const told = new Map(Object.entries(typeof headers === 'function' ? headers(id) : headers))
    if (config.go) told.delete('sleuth-wire')
    this.virtual = network.add(
      { id, headers: told, groups, ...(config.endpoint !== undefined && { endpoint: config.endpoint }) },
      (event) => this.#tell(event),
    )
  }

  get id(): string {
    return this.virtual.id
  }

  get name(): string {
    return this.id.slice(0, 6)
  }

  get endpoint(): string {
    return this.virtual.state.endpoint
  }

  whisper(id: string, content: Content): void {
    this.#assertOpen()
    if (this.peer(id) === undefined) throw new ZreError('ZRE_UNKNOWN_PEER', `no peer ${id} is present`)
    const frame = content as Buffer
    const queued = this.#queued(id)
    if (queued > 0 && queued + frame.length > this.#config.maxQueueSize)
      throw new ZreError('ZRE_QUEUE_FULL', `peer ${id} does not take what is sent to it`)
    this.virtual.do({ type: 'whisper', to: id, content: [frame] })
  }

  backlog(id: string): number {
    return this.#queued(id)
  }

  ping(id: string): void {
    this.virtual.do({ type: 'ping', to: id })
  }

  heardAt(id: string): number | undefined {
    return this.virtual.state.peers.get(id)?.spokeAt
  }

  async probe(id: string): Promise<boolean> {
    return this.virtual.answersProbe(id)
  }

  async acknowledged(id: string): Promise<boolean> {
    if (this.peer(id) === undefined) return false
    this.ping(id)
    const received = await this.virtual.acknowledgements.next(id)
    this.#config.turn()
    return received
  }

  shout(): void {
    throw new Error('sleuth never shouts')
  }

  join(group: string): void {
    this.#assertOpen()
    this.virtual.do({ type: 'join', group })
  }

  leave(group: string): void {
    this.#assertOpen()
    this.virtual.do({ type: 'leave', group })
  }

  sightings(): Sighting[] {
    const met = { reach: 'connected', since: 0 } as const
    return this.peers().map((peer) => ({ id: peer.id, endpoint: peer.endpoint, peer, ...met }))
  }

  peers(): Peer[] {
    return [...this.virtual.state.peers.values()].flatMap(({ view }) => view ?? [])
  }

  peer(id: string): ConnectedPeer | undefined {
    return this.virtual.state.peers.get(id)?.view
  }

  stats(): NodeStats {
    const traffic = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 }
    return { peers: this.peers().length, beaconsSent: 0, beaconsReceived: 0, dropped: {}, ...traffic }
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.virtual.stop()
      setTimeout(resolve, FAREWELL_MS)
    })
    return this.#closing
  }

  #queued(id: string): number {
    return this.virtual.connections.get(id)?.queued ?? 0
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new ZreError('ZRE_CLOSED', 'the node is closed')
  }

  #tell(event: Event): void {
    this.#config.turn()
    switch (event.type) {
      case 'whisper':
        this.emit('whisper', event.peer, event.content)
        break
      case 'join':
      case 'leave':
        this.emit(event.type, event.peer, event.group)
        break
      case 'exit':
        this.emit('exit', event.peer, event.reason)
        break
      case 'answered':
        this.virtual.acknowledgements.answered(event.id)
        break
      case 'enter':
        this.emit('enter', event.peer)
        break
      default:
    }
  }
}
