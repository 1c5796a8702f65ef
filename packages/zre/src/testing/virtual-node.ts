import { addFrames } from '../data-plane/content.js'
import { Acknowledgements } from '../machine/acknowledgements.js'
import type { Outlet } from '../machine/peer.js'
import { createState, type NodeState } from '../machine/state.js'
import { step, stop } from '../machine/step.js'
import { dueAt } from '../machine/tick.js'
import type { DropReason, Effect, Input, MachineConfig } from '../machine/types.js'
import { encodeBeacon } from '../wire/beacon.js'
import { parseEndpoint } from '../wire/endpoint.js'
import { decodeMessage, encodeMessage, type Outgoing } from '../wire/message.js'
import type { Schedule } from './schedule.js'
import { VirtualConnection } from './virtual-connection.js'

/** An event as a node announced it. */
export interface Observed {
  readonly at: number
  readonly type: 'enter' | 'exit' | 'join' | 'leave' | 'evasive' | 'whisper' | 'shout'
  readonly peer: string
  readonly detail?: string
}

/** The effects that are told to listeners. */
export type Event = Exclude<
  Effect,
  { type: 'beacon' | 'check' | 'open' | 'close' | 'send' | 'drop' | 'trouble' }
>
export type Told = (event: Event) => void

/** What the driver waits for what is queued to leave. */
const SETTLE_MS = 50
/** What it takes to be told whether somebody shakes hands. */
const CHECK_MS = 5
/** After this, a host that does not answer is noticed. */
const LOST_MS = 1400

/** What carries beacons and messages to the other nodes. */
export interface Carrier {
  readonly now: number
  readonly schedule: Schedule
  broadcast(from: VirtualNode, bytes: Buffer): void
  connect(from: VirtualNode, connection: VirtualConnection): void
  carry(from: VirtualNode, connection: VirtualConnection, frames: Buffer[]): void
  /** Whether a process answers a new connection now. */
  answers(from: VirtualNode, endpoint: string): boolean
  /** A connection breaks, and its holder sees it; what is under way is lost. */
  cut(from: VirtualNode, connection: VirtualConnection): void
  /** All connections to a node break, and those who hold one see it after that time. */
  disconnectAll(to: VirtualNode, seenAfter: number): void
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
  /** The process stands still, its I/O thread too. */
  frozen = false
  readonly #network: Carrier
  readonly connections = new Map<string, VirtualConnection>()
  readonly acknowledgements = new Acknowledgements()
  readonly #lastSequence = new Map<string, number>()
  readonly #present = new Set<string>()
  readonly #told: Told | undefined
  /** It stands still, or has not read yet all that came when it did. */
  #stalled: { input: Input; connection: VirtualConnection | undefined }[] | undefined
  #standsStill = false
  readonly #events: Event[] = []
  #telling = false

  constructor(network: Carrier, config: MachineConfig, told?: Told) {
    this.id = config.id
    this.#network = network
    this.#told = told
    this.state = createState(config, network.now)
    this.#tick()
  }

  get peers(): string[] {
    return [...this.#present]
  }

  /** It has not read yet all that has come. */
  get behind(): boolean {
    return this.#stalled !== undefined
  }

  /** Whether the process of a peer answers a new connection. */
  answersProbe(peer: string): boolean {
    const endpoint = this.state.peers.get(peer)?.endpoint
    return this.alive && !this.frozen && endpoint !== undefined && this.#network.answers(this, endpoint)
  }

  /** `connection`: the one that it tells of. */
  do(input: Input, connection?: VirtualConnection): void {
    if (!this.alive) return
    // Nobody answers at the address that it had.
    if (input.type === 'moved') this.#network.disconnectAll(this, LOST_MS)
    if (this.#stalled !== undefined && isFromOutside(input)) this.#stalled.push({ input, connection })
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
    this.acknowledgements.close()
    this.alive = false
    this.#network.disconnectAll(this, SETTLE_MS)
  }

  /** Goes without a word; what the kernel has already sent arrives, and the kernel closes its connections. */
  crash(): void {
    this.alive = false
    this.#network.disconnectAll(this, 0)
  }

  /** The host goes without a word: whoever is connected to it hears nothing more. */
  vanish(): void {
    this.alive = false
    this.#network.disconnectAll(this, LOST_MS)
  }

  /** The event loop stands still: nothing is read, nothing is sent. Its I/O thread answers, and its connections live. */
  stall(): void {
    this.#standsStill = true
    this.#stalled ??= []
  }

  /** The whole process stands still, as by SIGSTOP: if it is for long, nobody's connection to it lives. */
  freeze(): void {
    this.stall()
    this.frozen = true
    const { schedule, now } = this.#network
    schedule.at(now + LOST_MS, () => {
      if (!this.frozen) return
      this.#network.disconnectAll(this, 0)
      for (const connection of this.connections.values()) this.#network.cut(this, connection)
    })
  }

  /** It runs again: timers first, then all that has come in meanwhile, one after another. */
  resume(): void {
    this.#standsStill = false
    this.frozen = false
    if (this.alive) this.#perform(step(this.state, { type: 'tick' }, this.#network.now))
    this.#readOn()
  }

  #readOn(): void {
    if (this.#standsStill || this.#stalled === undefined) return
    const next = this.#stalled.shift()
    if (next === undefined) {
      this.#stalled = undefined
      return
    }
    const { input, connection } = next
    // Who came to the old address meanwhile is there no longer either.
    if (input.type === 'moved') this.#network.disconnectAll(this, LOST_MS)
    const ofOld = connection !== undefined && this.connections.get(connection.peer) !== connection
    if (this.alive && !ofOld) this.#perform(step(this.state, input, this.#network.now))
    this.#network.schedule.after(0, () => this.#readOn())
  }

  #tick(): void {
    if (!this.alive) return
    if (!this.#standsStill) this.#perform(step(this.state, { type: 'tick' }, this.#network.now))
    const due = this.#standsStill ? 100 : dueAt(this.state) - this.#network.now
    this.#network.schedule.after(Math.max(1, due), () => this.#tick())
  }

  #perform(effects: Effect[]): void {
    for (const effect of effects) this.#performOne(effect)
    const told = this.#told
    if (told === undefined || this.#telling) return
    this.#telling = true
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) told(event)
    this.#telling = false
  }

  #performOne(effect: Effect): void {
    this.acknowledgements.observe(effect)
    switch (effect.type) {
      case 'beacon': {
        const leaving = effect.port === 'leaving'
        const port = leaving ? 0 : (parseEndpoint(this.state.endpoint)?.port ?? 0)
        const send = () => this.#network.broadcast(this, encodeBeacon({ id: this.id, port }))
        if (leaving) this.#network.schedule.after(SETTLE_MS, send)
        else send()
        break
      }
      case 'check':
        this.#check(effect)
        break
      case 'open':
        this.#open(effect)
        break
      case 'close':
        this.#close(effect.id, effect.flush)
        break
      case 'answered':
        // Whoever waits for it goes on in its own turn.
        if (this.#told !== undefined) this.#events.push(effect)
        break
      case 'send': {
        const connection = this.connections.get(effect.id)
        this.#checkSequence(effect)
        this.sent[effect.message.type] = (this.sent[effect.message.type] ?? 0) + 1
        if (connection === undefined) this.violations.push(`sent to ${effect.id} without a mailbox`)
        else this.#network.carry(this, connection, encodeMessage(effect.message, effect.sequence))
        break
      }
      case 'trouble':
        this.dropped[effect.trouble] = (this.dropped[effect.trouble] ?? 0) + 1
        break
      case 'drop':
        this.dropped[effect.reason] = (this.dropped[effect.reason] ?? 0) + 1
        break
      default:
        this.#observe(effect)
    }
  }

  #check({ id, endpoint, key }: Effect & { type: 'check' }): void {
    this.#network.schedule.after(CHECK_MS, () => {
      this.do({ type: 'checked', id, endpoint, key, stands: this.#network.answers(this, endpoint) })
    })
  }

  #close(id: string, flush: boolean): void {
    const connection = this.connections.get(id)
    // What was never connected to has nobody who would wait for the rest.
    if (connection !== undefined && (!flush || connection.to === undefined)) connection.open = false
    this.connections.delete(id)
  }

  #open({ id, endpoint }: Effect & { type: 'open' }): void {
    this.#close(id, false)
    const connection = new VirtualConnection({ from: this.id, peer: id, endpoint }, (type) => {
      if (this.connections.get(id) === connection) this.do({ type, id }, connection)
    })
    this.connections.set(id, connection)
    const peer = this.state.peers.get(id)
    if (peer !== undefined) peer.outlet = this.#outletTo(id)
    this.#lastSequence.set(id, 0)
    this.#network.connect(this, connection)
  }

  #outletTo(id: string): Outlet {
    return { send: (content) => this.do({ type: 'whisper', to: id, content: addFrames([], content) }) }
  }

  /** A number never skips, and HELLO is always the first. */
  #checkSequence({ id, message, sequence }: Effect & { type: 'send' }): void {
    const expected = message.type === 'hello' ? 1 : ((this.#lastSequence.get(id) ?? 0) + 1) & 0xffff
    if (sequence !== expected)
      this.violations.push(`${message.type} to ${id} is ${sequence}, not ${expected}`)
    this.#lastSequence.set(id, sequence)
  }

  /** Nothing is told twice, nothing of a peer that is not there, and none is there whom we are not connected to. */
  #observe(effect: Exclude<Event, { type: 'answered' }>): void {
    const peer = effect.peer.id
    const present = this.#present.has(peer)
    if (present === (effect.type === 'enter'))
      this.violations.push(`${effect.type} of ${peer}, present: ${present}`)
    if (effect.type === 'enter' && this.connections.get(peer)?.to === undefined)
      this.violations.push(`enter of ${peer} before a handshake`)
    if (effect.type === 'enter') this.#present.add(peer)
    if (effect.type === 'exit') this.#present.delete(peer)
    if (this.#told !== undefined) this.#events.push(effect)
    else this.observed.push({ at: this.#network.now, type: effect.type, peer, ...detailOf(effect) })
  }
}

/** What its owner wishes is done at once. */
function isFromOutside({ type }: Input): boolean {
  return type !== 'whisper' && type !== 'ping' && type !== 'shout' && type !== 'join' && type !== 'leave'
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
