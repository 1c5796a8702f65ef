import { createState, type NodeState } from '../machine/state.js'
import { step, stop } from '../machine/step.js'
import { dueAt } from '../machine/tick.js'
import type { DropReason, Effect, Input, MachineConfig } from '../machine/types.js'
import { encodeBeacon } from '../wire/beacon.js'
import { parseEndpoint } from '../wire/endpoint.js'
import { decodeMessage, encodeMessage, type Outgoing } from '../wire/message.js'
import type { Schedule } from './schedule.js'

/** An event as a node announced it. */
export interface Observed {
  readonly at: number
  readonly type: 'enter' | 'exit' | 'join' | 'leave' | 'evasive' | 'whisper' | 'shout'
  readonly peer: string
  readonly detail?: string
}

/** What the driver waits for the connection of a closed mailbox to be gone, */
export const GONE_MS = 250
/** and for what is queued to leave. */
const SETTLE_MS = 50

/** A way to a peer that keeps its order, as a TCP connection does. */
export interface Link {
  readonly endpoint: string
  /** False: what is under way is lost. */
  open: boolean
}

/** What carries beacons and messages to the other nodes. */
export interface Carrier {
  readonly now: number
  readonly schedule: Schedule
  broadcast(from: VirtualNode, bytes: Buffer): void
  carry(from: VirtualNode, link: Link, frames: Buffer[]): void
}

/** The real machine, and around it what the driver does with sockets, done with the virtual network. */
export class VirtualNode {
  readonly id: string
  readonly state: NodeState
  readonly observed: Observed[] = []
  readonly dropped: Partial<Record<DropReason, number>> = {}
  /** How many messages of each type it has sent. */
  readonly sent: Partial<Record<Outgoing['type'], number>> = {}
  /** What must never be: filled by the checks that run with every effect. */
  readonly violations: string[] = []
  alive = true
  readonly #network: Carrier
  readonly #links = new Map<string, Link>()
  readonly #lastSequence = new Map<string, number>()
  readonly #present = new Set<string>()
  #stalled: Input[] | undefined

  constructor(network: Carrier, config: MachineConfig) {
    this.id = config.id
    this.#network = network
    this.state = createState(config, network.now)
    this.#tick()
  }

  get peers(): string[] {
    return [...this.#present]
  }

  do(input: Input): void {
    if (!this.alive) return
    if (this.#stalled !== undefined) this.#stalled.push(input)
    else this.#perform(step(this.state, input, this.#network.now))
  }

  deliver(from: string, frames: Buffer[]): void {
    const message = decodeMessage(frames)
    if (typeof message === 'string') this.violations.push(`undecodable message from ${from}: ${message}`)
    else this.do({ type: 'message', from, message })
  }

  /** Says that it goes, and goes. */
  stop(): void {
    this.#perform(stop(this.state))
    this.alive = false
  }

  /** Goes without a word; what the kernel has already sent arrives. */
  crash(): void {
    this.alive = false
  }

  /** The event loop stands still: nothing is read, nothing is sent. */
  stall(): void {
    this.#stalled = []
  }

  /** It runs again: timers first, then all that has come in meanwhile. */
  resume(): void {
    const waiting = this.#stalled ?? []
    this.#stalled = undefined
    this.do({ type: 'tick' })
    for (const input of waiting) if (input.type !== 'tick') this.do(input)
  }

  #tick(): void {
    if (!this.alive) return
    this.do({ type: 'tick' })
    const due = this.#stalled === undefined ? dueAt(this.state) - this.#network.now : 100
    this.#network.schedule.after(Math.max(1, due), () => this.#tick())
  }

  #perform(effects: Effect[]): void {
    for (const effect of effects) this.#performOne(effect)
  }

  #performOne(effect: Effect): void {
    switch (effect.type) {
      case 'beacon': {
        const leaving = effect.port === 'leaving'
        const port = leaving ? 0 : (parseEndpoint(this.state.endpoint)?.port ?? 0)
        const send = () => this.#network.broadcast(this, encodeBeacon({ id: this.id, port }))
        if (leaving) this.#network.schedule.after(SETTLE_MS, send)
        else send()
        break
      }
      case 'open':
        this.#close(effect.id, false)
        this.#links.set(effect.id, { endpoint: effect.endpoint, open: true })
        this.#lastSequence.set(effect.id, 0)
        break
      case 'close':
        this.#close(effect.id, effect.flush)
        break
      case 'send': {
        const link = this.#links.get(effect.id)
        this.#checkSequence(effect)
        this.sent[effect.message.type] = (this.sent[effect.message.type] ?? 0) + 1
        if (link === undefined) this.violations.push(`sent to ${effect.id} without a mailbox`)
        else this.#network.carry(this, link, encodeMessage(effect.message, effect.sequence))
        break
      }
      case 'drop':
        this.dropped[effect.reason] = (this.dropped[effect.reason] ?? 0) + 1
        break
      default:
        this.#observe(effect)
    }
  }

  #close(id: string, flush: boolean): void {
    const link = this.#links.get(id)
    if (link !== undefined) link.open = flush
    this.#links.delete(id)
  }

  /** A number never skips, and HELLO is always the first. */
  #checkSequence({ id, message, sequence }: Effect & { type: 'send' }): void {
    const expected = message.type === 'hello' ? 1 : ((this.#lastSequence.get(id) ?? 0) + 1) & 0xffff
    if (sequence !== expected)
      this.violations.push(`${message.type} to ${id} is ${sequence}, not ${expected}`)
    this.#lastSequence.set(id, sequence)
  }

  /** Nothing is told twice, and nothing of a peer that is not there. */
  #observe(effect: Exclude<Effect, { type: 'beacon' | 'open' | 'close' | 'send' | 'drop' }>): void {
    const peer = effect.peer.id
    const present = this.#present.has(peer)
    if (present === (effect.type === 'enter'))
      this.violations.push(`${effect.type} of ${peer}, present: ${present}`)
    if (effect.type === 'enter') this.#present.add(peer)
    if (effect.type === 'exit') this.#present.delete(peer)
    this.observed.push({ at: this.#network.now, type: effect.type, peer, ...detailOf(effect) })
  }
}

function detailOf(effect: Effect): { detail?: string } {
  switch (effect.type) {
    case 'exit':
      return { detail: effect.reason }
    case 'join':
    case 'leave':
      return { detail: effect.group }
    case 'whisper':
    case 'shout':
      return { detail: Buffer.concat(effect.content).toString() }
    default:
      return {}
  }
}
