import { Random, Schedule } from '@sleuth/zre/testing'
import { decode, encode } from '#src/membership/format.js'
import type { Message } from '#src/membership/message.js'
import { type Description, describesSame, type MemberRecord } from '#src/membership/record.js'
import { createState, type MembershipState } from '#src/membership/state.js'
import { dueAt, step } from '#src/membership/step.js'
import type { Effect, Input, LinkPolicy, MembershipDrop } from '#src/membership/types.js'

/** What a frame takes beside its payload: its own head, and those of ZRE, ZMTP and TCP. */
const FRAME_BYTES = 9
const PACKET_BYTES = 80

export interface WorldOptions {
  readonly seed: number
  readonly links?: LinkPolicy
  readonly maxRecords?: number
  /** The part of all packets that is lost. */
  readonly loss?: number
  /** Milliseconds that a packet takes. */
  readonly latency?: readonly [number, number]
}

export interface Member {
  readonly node: Description
  readonly state: MembershipState
  readonly links: Set<string>
  /** Links on which a call is under way. */
  readonly busy: Set<string>
  isAlive: boolean
  packets: number
  bytes: number
  /** Greetings that it made. */
  greetings: number
  /** Whom it greeted. */
  readonly greeted: string[]
  /** Messages that it sent, by type. */
  readonly sent: Map<Message['type'], number>
  readonly dropped: Map<MembershipDrop, number>
  timerAt: number
}

/** Members on a virtual clock. Links are made and break as it is told; what goes over them may be lost. */
export class World {
  readonly schedule = new Schedule()
  readonly random: Random
  readonly members = new Map<string, Member>()
  /** Whether one hears the beacons of another. */
  isHeard = (_from: Member, _by: Member) => false
  /** Whether a connection can be made, and stands. */
  isReachable = (_from: Member, _to: Member) => true
  readonly #options: Required<WorldOptions>
  readonly #records = new Map<string, MemberRecord>()

  constructor(options: WorldOptions) {
    this.#options = { links: 'all', maxRecords: 16_384, loss: 0, latency: [0.5, 5], ...options }
    this.random = new Random(options.seed)
  }

  get now(): number {
    return this.schedule.now
  }

  add(service = 'comment-service', more: Partial<Description> = {}): Member {
    const { links, maxRecords } = this.#options
    const id = this.random.hex(32).toUpperCase()
    const port = 10_000 + this.members.size
    const node = {
      id,
      endpoint: `tcp://10.0.0.1:${port}`,
      foreign: false,
      unreachable: false,
      wire: 2,
      service,
      version: '1.0.0',
      name: id.slice(0, 6),
      publicKey: '',
      meta: '',
      ...more,
    }
    const config = {
      self: node,
      maxRecords,
      links,
      isHeard: (other: string) => {
        const from = this.members.get(other)
        return from !== undefined && this.isHeard(from, member)
      },
      mayConnect: () => true,
      isBusy: (other: string) => member.busy.has(other),
      random: () => this.random.next(),
    }
    const member: Member = {
      node,
      state: createState(config, this.now),
      links: new Set(),
      busy: new Set(),
      isAlive: true,
      packets: 0,
      bytes: 0,
      greetings: 0,
      greeted: [],
      sent: new Map(),
      dropped: new Map(),
      timerAt: Number.POSITIVE_INFINITY,
    }
    this.members.set(id, member)
    this.#arm(member)
    return member
  }

  /** Makes a link between two after a handshake, if that is possible. */
  connect(one: Member, other: Member): void {
    this.schedule.after(this.random.between(2, 10), () => {
      if (!one.isAlive || !other.isAlive || one === other) return
      if (one.links.has(other.node.id) || !this.isReachable(one, other)) return
      one.links.add(other.node.id)
      other.links.add(one.node.id)
      this.#linked(one, other)
      this.#linked(other, one)
    })
  }

  #linked(member: Member, to: Member): void {
    const speaks = !to.node.foreign && to.node.wire > 1
    this.input(member, { type: 'linked', node: to.node, speaks, parts: speaks })
  }

  /** Ends it without a word. All that have a link see it break. */
  crash(member: Member): void {
    member.isAlive = false
    for (const id of member.links) this.cut(member, this.members.get(id) as Member)
  }

  /** A link breaks, for both ends. */
  cut(one: Member, other: Member): void {
    this.schedule.after(this.random.between(2, 50), () => {
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        if (!from.links.delete(to.node.id) || !from.isAlive) continue
        this.input(from, { type: 'unlinked', id: to.node.id, gone: 'lost' })
      }
    })
  }

  input(member: Member, input: Input): Effect[] {
    const effects = member.isAlive && !member.node.foreign ? step(member.state, input, this.now) : []
    this.#perform(member, effects)
    this.#arm(member)
    return effects
  }

  run(duration: number): void {
    this.schedule.run(duration)
  }

  /** Runs until something is so, and says how long that took. Throws when it does not come true. */
  until(limit: number, isSo: () => boolean, look = 50): number {
    const start = this.now
    while (!isSo()) {
      if (this.now - start > limit) throw new Error(`it is not so within ${limit} ms`)
      this.run(look)
    }
    return this.now - start
  }

  #perform(member: Member, effects: readonly Effect[]): void {
    const told = new Set<string>()
    for (const effect of effects) {
      if (effect.type === 'send') {
        if (!told.has(effect.to)) {
          told.add(effect.to)
          member.packets++
          member.bytes += PACKET_BYTES
        }
        this.#send(member, effect)
      } else if (effect.type === 'greet') this.#greet(member, effect.record)
      else if (effect.type === 'ask') this.#ask(member, effect.id)
      else if (effect.type === 'part') this.#part(member, effect.id)
      else if (effect.type === 'drop')
        member.dropped.set(effect.reason, (member.dropped.get(effect.reason) ?? 0) + 1)
    }
  }

  #ask(member: Member, id: string): void {
    const [, longest] = this.#options.latency
    this.schedule.after(2 * longest, () => {
      if (this.members.get(id)?.isAlive && member.links.has(id)) this.input(member, { type: 'answered', id })
    })
  }

  /** What was said before still arrives, and nothing that the other says. */
  #part(member: Member, id: string): void {
    if (!member.links.delete(id)) return
    this.input(member, { type: 'unlinked', id, gone: 'parted' })
  }

  #send(member: Member, { to, message }: Effect & { type: 'send' }): void {
    member.sent.set(message.type, (member.sent.get(message.type) ?? 0) + 1)
    const payloads = encode(message)
    for (const { bytes } of payloads) member.bytes += FRAME_BYTES + bytes.length
    const receiver = this.members.get(to)
    // Who waits for an answer about a link would wait for ever: TCP repeats what is lost.
    const isLost = message.type !== 'part' && this.random.chance(this.#options.loss)
    if (receiver === undefined || isLost) return
    this.schedule.after(this.random.between(...this.#options.latency), () => {
      if (!receiver.links.has(member.node.id)) return
      for (const { kind, bytes } of payloads) this.#receive(receiver, member.node.id, kind, bytes)
    })
  }

  #receive(receiver: Member, from: string, kind: number, bytes: Buffer): void {
    const decoded = decode(kind, bytes)
    if (decoded === undefined) throw new Error(`kind ${kind} can't be read`)
    const { message, invalid } = decoded
    const shared =
      message.type === 'know'
        ? { ...message, told: message.told.map(({ record, age }) => ({ record: this.#shared(record), age })) }
        : message
    this.input(receiver, { type: 'message', from, size: bytes.length, message: shared, invalid })
  }

  /** One object for all that know the same: thousands of members that each know thousands would not fit into memory. */
  #shared(record: MemberRecord): MemberRecord {
    const known = this.#records.get(record.id)
    if (known !== undefined && known.incarnation === record.incarnation && describesSame(known, record))
      return known
    this.#records.set(record.id, record)
    return record
  }

  #greet(member: Member, record: MemberRecord): void {
    member.greetings++
    member.greeted.push(record.id)
    const other = this.members.get(record.id)
    if (other !== undefined && other.node.endpoint === record.endpoint) this.connect(member, other)
  }

  #arm(member: Member): void {
    const due = Math.max(dueAt(member.state), this.now + 1)
    if (member.timerAt <= due || member.node.foreign) return
    member.timerAt = due
    this.schedule.at(due, () => {
      if (member.timerAt !== due) return
      member.timerAt = Number.POSITIVE_INFINITY
      if (member.isAlive) this.input(member, { type: 'tick' })
    })
  }
}

/** Whether all that live know all that live, and nobody else. */
export function isFormed(world: World): boolean {
  const living = [...world.members.values()].filter(({ isAlive }) => isAlive)
  return living.every(
    ({ state, node }) =>
      node.foreign ||
      (state.entries.size === living.length - 1 && living.every((other) => knows(state, other.node.id))),
  )
}

export function knows(state: MembershipState, id: string): boolean {
  return id === state.self.id || state.entries.has(id)
}

/** How often members have sent messages of one type. */
export function countSent(members: Iterable<Member>, type: Message['type']): number {
  let count = 0
  for (const { sent } of members) count += sent.get(type) ?? 0
  return count
}

export function resetCounts(members: Iterable<Member>): void {
  for (const member of members) {
    member.packets = 0
    member.bytes = 0
    member.sent.clear()
  }
}
