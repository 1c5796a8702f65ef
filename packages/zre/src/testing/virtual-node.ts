import type { DriverParts } from '../driver.js'
import { Node } from '../node.js'
import type { Settings } from '../options.js'
import type { Content, ExitReason, Peer, ZreNode } from '../types.js'
import type { NodeId } from '../wire/identity.js'
import { decodeMessage, type Outgoing } from '../wire/message.js'
import { PlainPolicy } from './plain-policy.js'
import type { Schedule } from './schedule.js'
import type { VirtualConnection } from './virtual-connection.js'
import { VirtualProcess } from './virtual-process.js'
import { type Carrier, LOST_MS, VirtualTransport } from './virtual-transport.js'

/** An event as a node announced it. */
export interface Observed {
  readonly at: number
  readonly type: 'enter' | 'exit' | 'join' | 'leave' | 'evasive' | 'whisper' | 'shout'
  readonly peer: string
  readonly detail?: string
}

export interface VirtualNodeOptions {
  readonly id: NodeId
  readonly endpoint: string
  readonly settings: Settings
  readonly checkTime: number
  readonly settleTime: number
  readonly proven: boolean
  readonly carrier: Carrier
  readonly schedule: Schedule
  /** Called before each turn of the node's event loop. */
  readonly onTurn: () => void
  /** Whether `observed` is filled. */
  readonly recorded: boolean
  /** Called when the node has left. */
  readonly onClosed: () => void
}

/** A real node on the virtual network, and what a test does to its process. */
export class VirtualNode {
  readonly id: NodeId
  readonly node: ZreNode
  readonly transport: VirtualTransport
  readonly process: VirtualProcess
  readonly observed: Observed[] = []
  /** How many messages of each type it has sent. */
  readonly sent: Partial<Record<Outgoing['type'], number>> = {}
  /** What must never be: filled by the checks that run with every message and every event. */
  readonly violations: string[] = []
  /** The groups that it is in. */
  readonly groups: Set<string>
  readonly #carrier: Carrier
  readonly #lastSequence = new Map<VirtualConnection, number>()
  readonly #present = new Set<NodeId>()
  #stopped = false

  constructor(options: VirtualNodeOptions) {
    const { id, settings, schedule, carrier, onTurn } = options
    this.id = id
    this.groups = new Set(settings.groups)
    this.#carrier = carrier
    const process = new VirtualProcess(schedule, onTurn)
    this.process = process
    let transport!: VirtualTransport
    const parts: DriverParts = {
      clock: process.clock,
      transport: () => {
        const onSend: VirtualNode['onSend'] = (...sent) => this.onSend(...sent)
        transport = new VirtualTransport({ ...options, ...settings, process, onSend })
        return transport
      },
      policy: (policy) => new PlainPolicy(policy, options.proven),
      discoveries: () => [],
      network: () => ({ interface: 'virtual', loopback: false, discovery: ['beacon'] }),
    }
    const node = new Node(settings, id, parts)
    this.node = node
    this.transport = transport
    this.#check()
    if (options.recorded) this.#record()
    node.begin()
  }

  /** Neither stopped nor dead. */
  get alive(): boolean {
    return this.process.alive && !this.#stopped
  }

  get endpoint(): string {
    return this.transport.endpoint
  }

  get peers(): NodeId[] {
    return [...this.#present]
  }

  get dropped(): Record<string, number> {
    return this.node.stats().dropped
  }

  /** To a peer that is present. */
  whisper(to: NodeId, content: Content): void {
    if (this.alive) this.node.peer(to)?.send(content)
  }

  join(group: string): void {
    this.groups.add(group)
    this.node.join(group)
  }

  leave(group: string): void {
    this.groups.delete(group)
    this.node.leave(group)
  }

  /** Its address is another one now. */
  move(endpoint: string): void {
    if (this.alive) this.transport.move(endpoint)
  }

  /** Says that it goes, and goes. */
  stop(): void {
    this.#stopped = true
    void this.node.close()
  }

  /** Goes without a word; what the kernel has already sent arrives, and the kernel closes its connections. */
  crash(): void {
    this.process.alive = false
    this.#carrier.disconnectAll(this.transport, 0)
  }

  /** As `crash`, where the code of its process goes on: it sees all its peers go, and says nothing more. */
  kill(): void {
    this.crash()
    this.transport.loseAll()
  }

  /** The host goes without a word: whoever is connected to it hears nothing more. */
  vanish(): void {
    this.process.alive = false
    this.#carrier.disconnectAll(this.transport, LOST_MS)
  }

  /** The event loop stands still: nothing is read, nothing is sent. Its I/O thread answers, and its connections live. */
  stall(): void {
    this.process.stall()
  }

  /** The whole process stands still, as by SIGSTOP: if it is for long, nobody's connection to it lives. */
  freeze(): void {
    const { process, transport } = this
    process.stall()
    transport.frozen = true
    process.schedule.after(LOST_MS, () => {
      if (!transport.frozen) return
      this.#carrier.disconnectAll(transport, 0)
      for (const connection of transport.connections.values()) this.#carrier.cut(connection)
    })
  }

  resume(): void {
    this.transport.frozen = false
    this.process.resume()
  }

  /** A number never skips, and HELLO is always the first. */
  onSend(id: NodeId, frames: readonly Buffer[], connection: VirtualConnection | undefined): void {
    const message = decodeMessage(frames)
    if (connection === undefined) this.violations.push(`sent to ${id} without a mailbox`)
    if (connection === undefined || typeof message === 'string') return
    const { type, sequence } = message
    const expected = type === 'hello' ? 1 : ((this.#lastSequence.get(connection) ?? 0) + 1) & 0xffff
    if (sequence !== expected) this.violations.push(`${type} to ${id} is ${sequence}, not ${expected}`)
    this.#lastSequence.set(connection, sequence)
    this.sent[type as Outgoing['type']] = (this.sent[type as Outgoing['type']] ?? 0) + 1
  }

  /** Nothing is told twice, nothing of a peer that is not there, and none is there whom we are not connected to. */
  #check(): void {
    const { node, violations } = this
    const isPresent = (type: string, { id }: Peer, expected: boolean) => {
      if (this.#present.has(id) !== expected) violations.push(`${type} of ${id}, present: ${!expected}`)
    }
    node.on('enter', (peer) => {
      isPresent('enter', peer, false)
      this.#present.add(peer.id)
      if (this.transport.connections.get(peer.id)?.to === undefined)
        violations.push(`enter of ${peer.id} before a handshake`)
    })
    node.on('exit', (peer) => {
      isPresent('exit', peer, true)
      this.#present.delete(peer.id)
    })
    for (const type of ['join', 'leave', 'evasive', 'whisper', 'shout'] as const)
      node.on(type, (peer: Peer) => isPresent(type, peer, true))
  }

  #record(): void {
    const { node } = this
    const record = (type: Observed['type'], { id }: Peer, detail?: string) =>
      this.observed.push({
        at: this.process.clock.now(),
        type,
        peer: id,
        ...(detail !== undefined && { detail }),
      })
    node.on('enter', (peer) => record('enter', peer))
    node.on('exit', (peer, reason: ExitReason) => record('exit', peer, reason))
    node.on('join', (peer, group) => record('join', peer, group))
    node.on('leave', (peer, group) => record('leave', peer, group))
    node.on('evasive', (peer) => record('evasive', peer))
    node.on('whisper', (peer, frames) => record('whisper', peer, Buffer.concat(frames).toString()))
    node.on('shout', (peer, _group, frames) => record('shout', peer, Buffer.concat(frames).toString()))
  }
}
