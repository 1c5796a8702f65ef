import { createState, type NodeState } from '#src/machine/state.js'
import { step } from '#src/machine/step.js'
import { dueAt } from '#src/machine/tick.js'
import type { DropReason, Effect, Input, MachineConfig } from '#src/machine/types.js'
import type { Hello, Incoming } from '#src/wire/message.js'

export const US = `${'00'.repeat(15)}01`
export const PEER = 'A1B2C3D4E5F60718293A4B5C6D7E8F90'
export const OTHER = 'FF'.repeat(16)
export const PEER_ENDPOINT = 'tcp://10.0.0.2:50000'

type Sent = Effect & { type: 'send' }
type Described = { [K in Incoming['type']]: Omit<Incoming & { type: K }, 'sequence'> }[Incoming['type']]

/** One machine, and what a test says happens to it. Each method gives the effects. */
export class Bench {
  readonly state: NodeState
  now = 1_000_000
  /** Whether each mailbox shakes hands as soon as it is opened. */
  plugs = true
  /** Whether what has come is read as soon as the machine asks for it. */
  reads = true

  constructor(config: Partial<MachineConfig> = {}) {
    this.state = createState(
      {
        id: US,
        name: 'us',
        headers: new Map(),
        groups: [],
        endpoint: 'tcp://10.0.0.1:49152',
        interval: 1000,
        evasive: 3000,
        expired: 5000,
        lost: 1500,
        maxPeers: 1024,
        isOnNetwork: (address) => address.startsWith('10.0.0.'),
        isAwaited: undefined,
        ...config,
      },
      this.now,
    )
  }

  do(input: Input): Effect[] {
    const effects = step(this.state, input, this.now)
    const opened = effects.filter((effect) => effect.type === 'open')
    const reading = effects.find((effect) => effect.type === 'read')
    if (reading !== undefined && this.reads) effects.push(...this.do({ type: 'read', at: reading.at }))
    if (this.plugs) for (const { id } of opened) effects.push(...this.do({ type: 'connected', id }))
    return effects.filter(({ type }) => type !== 'read')
  }

  beacon(id = PEER, port = 50000, address = '10.0.0.2'): Effect[] {
    return this.do({ type: 'beacon', id, port, address })
  }

  hello(from = PEER, hello: Partial<Hello> & { sequence?: number } = {}): Effect[] {
    return this.message(
      {
        type: 'hello',
        endpoint: PEER_ENDPOINT,
        groups: [],
        status: 0,
        name: from.slice(0, 6),
        headers: new Map(),
        ...hello,
      },
      hello.sequence ?? 1,
      from,
    )
  }

  message(message: Described, sequence: number, from = PEER): Effect[] {
    return this.do({ type: 'message', from, message: { ...message, sequence } as Incoming })
  }

  whisper(sequence: number, text = 'x', from = PEER): Effect[] {
    return this.message({ type: 'whisper', content: [Buffer.from(text)] }, sequence, from)
  }

  /** Time passes, and the machine's timer rings as often as it should. */
  wait(duration: number): Effect[] {
    const effects: Effect[] = []
    const end = this.now + duration
    for (;;) {
      const due = dueAt(this.state)
      if (due > end) break
      this.now = Math.max(this.now, due)
      effects.push(...this.do({ type: 'tick' }))
    }
    this.now = end
    return effects
  }

  /** Mailboxes shake hands when a test says so. */
  static disconnected(config: Partial<MachineConfig> = {}): Bench {
    const bench = new Bench(config)
    bench.plugs = false
    return bench
  }

  /** Both have said HELLO, and our mailbox has shaken hands. */
  static withPeer(config: Partial<MachineConfig> = {}): Bench {
    const bench = new Bench(config)
    bench.beacon()
    bench.hello()
    return bench
  }
}

/** The types of effects, in their order. */
export function types(effects: readonly Effect[]): string[] {
  return effects.map((effect) => (effect.type === 'send' ? `send ${effect.message.type}` : effect.type))
}

export function sent(effects: readonly Effect[]): Sent[] {
  return effects.filter((effect) => effect.type === 'send')
}

/** Type, number. */
export function numbered(effects: readonly Effect[]): [string, number][] {
  return sent(effects).map(({ message, sequence }) => [message.type, sequence])
}

export function drops(effects: readonly Effect[]): DropReason[] {
  return effects.flatMap((effect) => (effect.type === 'drop' ? effect.reason : []))
}

export function find<T extends Effect['type']>(effects: readonly Effect[], type: T): Effect & { type: T } {
  const found = effects.find((effect) => effect.type === type)
  if (found === undefined) throw new Error(`no ${type} among ${types(effects).join(', ')}`)
  return found as Effect & { type: T }
}
