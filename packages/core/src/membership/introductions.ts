import type { ExitReason, Peer, ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import type { DownReason, Instance } from '../types.js'
import { announcedBy, describePeer, describeSelf } from './describe.js'
import { decode, encode, type Payload } from './format.js'
import { foundBy, LinksOnDemand } from './links-on-demand.js'
import { mayGreet } from './may-greet.js'
import type { GoneReason, Message } from './message.js'
import type { Description } from './record.js'
import { createState, type MembershipState } from './state.js'
import { dueAt, step } from './step.js'
import type { Effect, Input } from './types.js'

export interface IntroductionsOptions {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly counters: Counters
  /** Sends frames to a peer. May throw: a later comparison makes up for what is lost. */
  readonly send: (peer: string, frames: readonly Payload[]) => void
  /** Whether a request, a response or a question is under way on the link to a node. */
  readonly isBusy: (peer: string) => boolean
  /** Is told of instances that there is no link to. */
  readonly directory: Pick<Directory, 'show' | 'hide' | 'setLinked' | 'isLinked' | 'takeUsed'>
  /** Milliseconds, from any moment on. */
  readonly now: () => number
}

/** A packet has no more bytes than this, unless a single frame is larger. */
const PACKET_BYTES = 64 * 1024
/** Nodes that nothing is known of, and that count: anyone can send beacons in as many names as he likes. */
const MAX_HEARD = 256

/** Exits that mean that a peer has ended. After others it is greeted again, or this node alone refuses it. */
const endings: Partial<Record<ExitReason, GoneReason | 'parted'>> = {
  stopped: 'stopped',
  expired: 'lost',
  lost: 'lost',
  // Another node is at its endpoint, and it answered no PING.
  replaced: 'lost',
  parted: 'parted',
}

/**
 * Nodes of this library introduce nodes to each other, so a node that meets one meets all. This is the only place where the
 * machine of membership meets peers and timers.
 */
export class Introductions {
  readonly #parts: IntroductionsOptions
  readonly #state: MembershipState
  /** The endpoint of this node to which a peer could not connect, and answers on our connection. */
  #outOfReach: string | undefined
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #leaving = false
  #closed = false
  readonly #onDemand: LinksOnDemand

  constructor(parts: IntroductionsOptions) {
    this.#parts = parts
    const { node, options, now } = parts
    this.#state = createState(
      {
        self: describeSelf(node, options, { unreachable: false, leaving: false }),
        maxRecords: options.limits.peers,
        links: options.links,
        isHeard: (id) => node.hears(id),
        mayConnect: (endpoint) => node.mayConnect(endpoint),
        isBusy: parts.isBusy,
        random: Math.random,
      },
      now(),
    )
    this.#onDemand = new LinksOnDemand({
      node,
      state: this.#state,
      directory: parts.directory,
      use: (service) => this.use(service),
      unreached: (id) => this.#step({ type: 'unreached', id }),
    })
  }

  listen(): void {
    const { node, options } = this.#parts
    const { group } = options
    // A node of this library is in its group from the start. A Go peer joins after it has entered.
    const enter = (peer: Peer) => {
      if (peer.groups.has(group)) this.#onLinked(peer)
    }
    node.on('enter', enter)
    node.on('join', (peer, joined) => {
      if (joined === group) this.#onLinked(peer)
    })
    node.on('exit', (peer, reason) => {
      if (this.#state.links.has(peer.id)) {
        this.#step({ type: 'unlinked', id: peer.id, gone: endings[reason] })
      }
    })
    for (const peer of node.peers()) enter(peer)
    this.#arm()
  }

  /** A frame of a peer. */
  receive(from: string, kind: number, payload: Buffer): void {
    const decoded = decode(kind, payload)
    if (decoded === undefined) this.#parts.counters.dropped('membership-message')
    else this.#step({ type: 'message', from, size: payload.length, ...decoded })
  }

  /** How many nodes are known, or heard though nothing is known of them. Beacons of nobody make ours only so rare. */
  get count(): number {
    const { entries, strangers } = this.#state
    return entries.size + Math.min(MAX_HEARD, strangers.heardAt.size)
  }

  /** Whether a node is known, so that there need be no link to it. */
  knows(id: string): boolean {
    const entry = this.#state.entries.get(id)
    return entry !== undefined && this.#state.isSparse && !entry.isDoubtful
  }

  /** Whether to greet a node that is heard: see `mayGreet`. */
  greets(id: string, heardOf: number): boolean {
    return mayGreet(this.#state, id, heardOf, this.#parts.now())
  }

  /** The nodes that there need be no link to, and that there is none to. `since`: as `Date.now()`. */
  unlinked(): { record: Description; since: number }[] {
    if (!this.#state.isSparse) return []
    const offset = Date.now() - this.#parts.now()
    const told: { record: Description; since: number }[] = []
    for (const { linked, record, since } of this.#state.entries.values())
      if (!linked) told.push({ record, since: Math.round(offset + since) })
    return told
  }

  /** This node subscribes to events, or does not any more. */
  subscribes(subscribes: boolean): void {
    this.#step({ type: 'subscribes', subscribes })
  }

  /** A service is called, or will be. `''`, which a node without a service has, is none. */
  use(service: string): void {
    if (this.#state.isSparse && service !== '') this.#step({ type: 'used', service })
  }

  /** See `LinksOnDemand`. */
  reach(id: string): Promise<unknown> | undefined {
    return this.#onDemand.reach(id)
  }

  /** See `LinksOnDemand`. */
  link({ id }: Pick<Instance, 'id'>): Promise<DownReason | undefined> {
    return this.#onDemand.link(id)
  }

  /** The node offers its service no more. Those with a link are told otherwise. */
  leave(): void {
    this.#leaving = true
    if (this.#state.entries.size === this.#state.linkedCount) return
    this.#tellSelf()
    this.#step({ type: 'flush' })
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#onDemand.close()
  }

  #onLinked(peer: Peer): void {
    if (this.#state.links.has(peer.id)) return
    if (peer.connections === 'ours') this.#outOfReach = this.#parts.node.endpoint
    const node = describePeer(peer, this.#parts.options.group)
    // A link that only one end can make is kept.
    const parts = peer.connections === 'both' && this.#parts.node.isIntroduced(peer.id)
    this.#step({ type: 'linked', node, speaks: node.wire > 1, parts })
  }

  #step(input: Input): void {
    if (this.#closed) return
    this.#perform(step(this.#state, input, this.#parts.now()))
    this.#arm()
  }

  #tick(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#tellSelf()
    if (this.#state.isSparse) for (const service of this.#parts.directory.takeUsed()) this.use(service)
    this.#step({ type: 'tick' })
  }

  #tellSelf(): void {
    this.#step({ type: 'self', self: this.#describeSelf() })
  }

  /** The node may have moved to another interface. */
  #describeSelf(): Description {
    const { node, options } = this.#parts
    const unreachable = this.#outOfReach === node.endpoint
    return describeSelf(node, options, { unreachable, leaving: this.#leaving })
  }

  #arm(): void {
    const due = dueAt(this.#state)
    if (this.#closed || due >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = due
    // A timer leaves out fractions of a millisecond: it would ring too early, for nothing.
    const delay = Math.ceil(due - this.#parts.now())
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, delay))
    this.#timer.unref()
  }

  #perform(effects: readonly Effect[]): void {
    const messages = new Map<string, Message[]>()
    const parted: string[] = []
    for (const effect of effects) {
      if (effect.type === 'send')
        messages.set(effect.to, [...(messages.get(effect.to) ?? []), effect.message])
      else if (effect.type === 'part') parted.push(effect.id)
      else this.#performOne(effect)
    }
    for (const [peer, said] of messages) this.#send(peer, said.flatMap(encode))
    // After what was said to them last.
    for (const id of parted) {
      this.#parts.node.part(id)
      this.#onDemand.settle(id)
    }
  }

  #performOne(effect: Effect): void {
    const { node, options, directory, counters } = this.#parts
    switch (effect.type) {
      case 'greet':
        node.found(foundBy(effect.record))
        break
      case 'ask':
        void this.#ask(effect.id)
        break
      case 'show':
        directory.show(announcedBy(effect.record, options.wire))
        break
      case 'hide':
        directory.hide(effect.id, effect.reason)
        break
      case 'parting':
        directory.setLinked(effect.id, false)
        break
      case 'stays':
        directory.setLinked(effect.id, true)
        this.#onDemand.settle(effect.id)
        break
      case 'drop':
        counters.dropped(effect.reason)
    }
  }

  async #ask(id: string): Promise<void> {
    if (await this.#parts.node.acknowledged(id)) this.#step({ type: 'answered', id })
  }

  #send(peer: string, frames: readonly Payload[]): void {
    try {
      for (const packet of inPackets(frames)) this.#parts.send(peer, packet)
    } catch {
      // The peer has just gone, or its queue is full. A later comparison makes up for it.
    }
  }
}

/** Several packets, so that other messages to the peer can go in between. */
function inPackets(frames: readonly Payload[]): Payload[][] {
  const packets: Payload[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const frame of frames) {
    if (size + frame.bytes.length > PACKET_BYTES) {
      packets.push([])
      size = 0
    }
    packets.at(-1)?.push(frame)
    size += frame.bytes.length
  }
  return packets
}
