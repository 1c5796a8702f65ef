import type { ExitReason, Peer, ZreNode } from '@sleuth/zre'
import type { CheckedOptions } from '../shared/options.js'
import type { Counters } from '../shared/stats.js'
import { describePeer, describeSelf } from './describe.js'
import { decode, encode, type Payload } from './format.js'
import type { GoneReason, Message } from './message.js'
import type { Description } from './record.js'
import { createState, type MembershipState } from './state.js'
import { dueAt, step } from './step.js'
import type { Effect, Input } from './types.js'

/** A node that a peer has introduced. */
interface Introduced {
  readonly endpoint: string
  readonly id: string
  readonly publicKey: string | undefined
  /** It is a node of this library. */
  readonly ours: boolean
}

export interface IntroductionsOptions {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly counters: Counters
  /** Sends frames to a peer. May throw: a later comparison makes up for what is lost. */
  readonly send: (peer: string, frames: readonly Payload[]) => void
  /** Greets a node. It is a hint: only its HELLO shows whether the node is there. */
  readonly found: (node: Introduced) => void
  /** Milliseconds, from any moment on. */
  readonly now: () => number
}

/** A packet has no more bytes than this, unless a single frame is larger. */
const PACKET_BYTES = 64 * 1024

/** Exits that mean that a peer has ended. After others it is greeted again, or this node alone refuses it. */
const endings: Partial<Record<ExitReason, GoneReason>> = { stopped: 'stopped', expired: 'lost', lost: 'lost' }

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
  #closed = false

  constructor(parts: IntroductionsOptions) {
    this.#parts = parts
    const { node, options, now } = parts
    this.#state = createState(
      {
        self: describeSelf(node, options, false),
        maxRecords: options.limits.peers,
        links: 'all',
        isHeard: (id) => node.hears(id),
        random: Math.random,
      },
      now(),
    )
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

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #onLinked(peer: Peer): void {
    if (this.#state.links.has(peer.id)) return
    if (peer.connections === 'ours') this.#outOfReach = this.#parts.node.endpoint
    const node = describePeer(peer, this.#parts.options.group)
    this.#step({ type: 'linked', node, speaks: node.wire > 1 })
  }

  #step(input: Input): void {
    if (this.#closed) return
    this.#perform(step(this.#state, input, this.#parts.now()))
    this.#arm()
  }

  #tick(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#step({ type: 'self', self: this.#describeSelf() })
    this.#step({ type: 'tick' })
  }

  /** The node may have moved to another interface. */
  #describeSelf(): Description {
    const { node, options } = this.#parts
    return describeSelf(node, options, this.#outOfReach === node.endpoint)
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
    for (const effect of effects) {
      if (effect.type === 'send')
        messages.set(effect.to, [...(messages.get(effect.to) ?? []), effect.message])
      else if (effect.type === 'greet') this.#greet(effect)
      else if (effect.type === 'drop') this.#parts.counters.dropped(effect.reason)
    }
    for (const [peer, said] of messages) this.#send(peer, said.flatMap(encode))
  }

  #greet({ record: { endpoint, id, publicKey, foreign } }: Effect & { type: 'greet' }): void {
    this.#parts.found({ endpoint, id, publicKey: publicKey === '' ? undefined : publicKey, ours: !foreign })
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
