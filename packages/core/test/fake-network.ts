import { EventEmitter } from 'node:events'
import type {
  ConnectedPeer,
  Content,
  ExitReason,
  NetworkInfo,
  NodeEvents,
  NodeOptions,
  NodeStats,
  Peer,
  Sighting,
  ZreNode,
} from '@sleuth/zre'
import { ZreError } from '@sleuth/zre'
import { isMembershipPacket } from '#src/transport/streams/control-packet.js'

/**
 * A network in memory that keeps the interface of a ZRE node: every node sees every other at once, and what is whispered
 * arrives in order, a turn later, as it would from a socket.
 */
export class FakeNetwork {
  readonly nodes = new Map<string, FakeNode>()
  /** Whispers arrive before `whisper` returns: sooner than any real network could bring them. */
  instant = false
  #made = 0

  readonly createNode = async (options: NodeOptions): Promise<ZreNode> => this.add(options)

  /** A node for the test to hold in its own hands. */
  add(options: NodeOptions = {}): FakeNode {
    const id = (0xa0000000000000000000000000000000n + BigInt(++this.#made)).toString(16).toUpperCase()
    const node = new FakeNode(this, id, options)
    for (const other of this.nodes.values()) {
      other.meet(node.self)
      other.emit('enter', node.self)
      node.meet(other.self)
    }
    this.nodes.set(id, node)
    return node
  }

  deliver(action: () => void): void {
    if (this.instant) action()
    else setImmediate(action)
  }
}

export class FakeNode extends EventEmitter<NodeEvents> implements ZreNode {
  readonly id: string
  readonly name: string
  endpoint: string
  #address = '127.0.0.1'
  readonly known = new Map<string, ConnectedPeer>()
  readonly options: NodeOptions
  /** Every whisper that was sent, in order. */
  readonly sent: { to: string; content: Buffer }[] = []
  readonly #network: FakeNetwork
  #groups: Set<string>
  #closed = false
  #stats = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 }
  /** Thrown by the next whispers instead of sending. */
  failure: Error | undefined

  constructor(network: FakeNetwork, id: string, options: NodeOptions) {
    super()
    this.#network = network
    this.id = id
    this.name = options.name ?? id.slice(-6)
    this.endpoint = `tcp://127.0.0.1:${49152 + (Number.parseInt(id.slice(-4), 16) % 16384)}`
    this.options = options
    this.#groups = new Set(options.groups)
  }

  get self(): Peer {
    const { headers = {}, security } = this.options
    return Object.freeze({
      id: this.id,
      name: this.name,
      endpoint: this.endpoint,
      announced: this.endpoint,
      address: this.#address,
      verified: true,
      publicKey: security?.publicKey,
      connections: this.options.advertise === false ? 'theirs' : 'both',
      headers: new Map(Object.entries(typeof headers === 'function' ? headers(this.id) : headers)),
      groups: this.#groups,
    })
  }

  meet(peer: Peer): void {
    const connections = this.options.advertise === false ? 'ours' : peer.connections
    this.known.set(peer.id, { ...peer, connections, send: (content) => this.whisper(peer.id, content) })
  }

  /** It is at another address from now on, and who knows it hears so. */
  move(address: string): void {
    const { port } = new URL(this.endpoint)
    this.#address = address
    this.endpoint = `tcp://${address.includes(':') ? `[${address}]` : address}:${port}`
    for (const node of this.#network.nodes.values()) if (node.known.has(this.id)) node.meet(this.self)
  }

  backlog(): number {
    return 0
  }

  /** Its event loop stands still: it answers no PING. `stopped`: nor does its I/O thread. */
  state: 'running' | 'blocked' | 'stopped' = 'running'
  /** How many PINGs and probes it was asked by. */
  pings = 0
  probes = 0
  /** Too many probes are under way, so that those of this node are not made. */
  probesNobody = false
  readonly #heardAt = new Map<string, number>()
  readonly #reachedAt = new Map<string, number>()

  ping(id: string): void {
    const peer = this.#network.nodes.get(id)
    if (peer === undefined) return
    peer.pings++
    if (peer.state === 'running') this.#network.deliver(() => this.#acknowledge(id))
  }

  /** To whom the links are in use otherwise than by whispers. */
  readonly used = new Set<string>()

  use(id: string): void {
    this.used.add(id)
  }

  #acknowledge(id: string): void {
    this.#heardAt.set(id, performance.now())
    this.#reachedAt.set(id, performance.now())
  }

  /** Peers that leave PINGs unanswered. */
  readonly silent = new Set<string>()

  isSilent(id: string): boolean {
    return this.silent.has(id)
  }

  roundTrip(): number | undefined {
    return undefined
  }

  network(): NetworkInfo {
    return { interface: 'fake', loopback: true, discovery: ['beacon'] }
  }

  hears(): boolean {
    return true
  }

  /** All know each other by `meet`. */
  found(): void {}

  gone(): void {}

  /** What comes of links that are made anew, by the id of the peer. By default they stand at once. */
  readonly links = new Map<string, Promise<boolean>>()

  async link({ id }: { id: string }): Promise<boolean> {
    const stands = await (this.links.get(id) ?? true)
    const peer = this.#network.nodes.get(id)
    if (!stands || peer === undefined || this.known.has(id)) return stands && peer !== undefined
    this.meet(peer.self)
    this.emit('enter', this.known.get(id) as Peer)
    return true
  }

  mayConnect(): boolean {
    return true
  }

  isIntroduced(): boolean {
    return false
  }

  part(id: string): void {
    const peer = this.known.get(id)
    if (peer === undefined) return
    this.known.delete(id)
    this.emit('exit', peer, 'parted')
  }

  heardAt(id: string): number | undefined {
    return this.#heardAt.get(id)
  }

  reachedAt(id: string): number | undefined {
    return this.#reachedAt.get(id)
  }

  async probe(id: string): Promise<boolean | undefined> {
    const peer = this.#network.nodes.get(id)
    if (peer === undefined) return false
    if (this.probesNobody) return undefined
    peer.probes++
    return peer.state !== 'stopped'
  }

  readonly #unanswered: (() => void)[] = []
  #stalled = false

  /** Nobody acknowledges what this node sends, as over a session that has become slow. */
  stall(): void {
    this.#stalled = true
  }

  resume(): void {
    this.#stalled = false
    for (const answer of this.#unanswered.splice(0)) answer()
  }

  /** What was whispered before has arrived by then. */
  acknowledged(id: string): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = () => this.#network.deliver(() => resolve(this.known.has(id)))
      if (this.#stalled) this.#unanswered.push(answer)
      else answer()
    })
  }

  whisper(id: string, content: Content): void {
    if (this.failure) throw this.failure
    if (this.#closed) throw new ZreError('ZRE_CLOSED', 'the node is closed')
    const peer = this.#network.nodes.get(id)
    if (!peer || !this.known.has(id)) throw new ZreError('ZRE_UNKNOWN_PEER', `no peer ${id}`)
    const frames = (Array.isArray(content) ? content : [content]).map((frame) => Buffer.from(frame))
    const [first = Buffer.alloc(0)] = frames
    // Tests count and read what calls send.
    if (isMembershipPacket(first)) return
    this.sent.push({ to: id, content: first })
    this.#stats.messagesSent++
    this.#stats.bytesSent += first.length
    this.#network.deliver(() => peer.#take(this, frames))
  }

  #take(from: FakeNode, frames: Buffer[]): void {
    const peer = this.known.get(from.id)
    if (this.#closed || peer === undefined) return
    this.#heardAt.set(from.id, performance.now())
    this.#stats.messagesReceived++
    this.#stats.bytesReceived += frames[0]?.length ?? 0
    this.emit('whisper', peer, frames)
  }

  shout(): void {
    throw new Error('sleuth never shouts')
  }

  join(group: string): void {
    this.#groups.add(group)
    this.#tell((other) => other.emit('join', this.self, group))
  }

  leave(group: string): void {
    this.#groups.delete(group)
    this.#tell((other) => other.emit('leave', this.self, group))
  }

  peers(): Peer[] {
    return [...this.known.values()]
  }

  peer(id: string): ConnectedPeer | undefined {
    return this.known.get(id)
  }

  sightings(): Sighting[] {
    const met = { reach: 'connected', since: 0 } as const
    return this.peers().map((peer) => ({ id: peer.id, endpoint: peer.endpoint, peer, ...met }))
  }

  stats(): NodeStats {
    return {
      peers: this.known.size,
      beaconsSent: 0,
      beaconsReceived: 0,
      dropped: {},
      lastDropped: {},
      ...this.#stats,
    }
  }

  /** What was whispered before arrives before. */
  async close(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.vanish('stopped')
  }

  /** Goes, and every other node notices for this reason. */
  vanish(reason: ExitReason): void {
    if (this.#closed) return
    this.#closed = true
    this.#network.nodes.delete(this.id)
    this.resume()
    this.#tell((other) => {
      other.known.delete(this.id)
      other.resume()
      other.emit('exit', this.self, reason)
    })
  }

  #tell(action: (other: FakeNode) => void): void {
    for (const other of this.#network.nodes.values()) if (other !== this) action(other)
  }
}
