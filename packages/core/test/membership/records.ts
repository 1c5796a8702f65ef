import type { Message } from '#src/membership/message.js'
import type { Description, MemberRecord } from '#src/membership/record.js'
import { createState, type MembershipState } from '#src/membership/state.js'
import { dueAt, step } from '#src/membership/step.js'
import type { Effect, Input, MembershipConfig } from '#src/membership/types.js'

/** The id of a node by one letter: `a` is AAAA…. */
export function idOf(letter: string): string {
  return Buffer.from(letter).toString('hex').toUpperCase().padEnd(32, '0')
}

export function describe(letter: string, more: Partial<Description> = {}): Description {
  const id = idOf(letter)
  return {
    id,
    endpoint: `tcp://10.0.0.${letter.charCodeAt(0)}:5670`,
    foreign: false,
    unreachable: false,
    wire: 2,
    service: 'comment-service',
    version: '1.0.0',
    name: letter,
    publicKey: '',
    meta: '',
    ...more,
  }
}

export function recordOf(letter: string, more: Partial<MemberRecord> = {}): MemberRecord {
  return { ...describe(letter), incarnation: 1, ...more }
}

/** One member, and what it does about what a test tells it. */
export class Solo {
  readonly state: MembershipState
  now = 0

  constructor(config: Partial<MembershipConfig> = {}) {
    this.state = createState(
      {
        self: describe('a'),
        maxRecords: 100,
        links: 'all',
        isHeard: () => false,
        isBusy: () => false,
        mayConnect: () => true,
        random: () => 0.5,
        ...config,
      },
      this.now,
    )
  }

  input(input: Input): Effect[] {
    return step(this.state, input, this.now)
  }

  link(letter: string, more: Partial<Description> = {}): Effect[] {
    const node = describe(letter, more)
    return this.input({ type: 'linked', node, speaks: !node.foreign, parts: !node.foreign })
  }

  unlink(letter: string, gone: 'lost' | 'stopped' | 'parted' = 'lost'): Effect[] {
    return this.input({ type: 'unlinked', id: idOf(letter), gone })
  }

  hear(letter: string, message: Message, size = 100, invalid = 0): Effect[] {
    return this.input({ type: 'message', from: idOf(letter), message, size, invalid })
  }

  know(letter: string, ...records: MemberRecord[]): Effect[] {
    return this.hear(letter, { type: 'know', told: records.map((record) => ({ record, age: 0 })) })
  }

  /** Nodes that are asked whether they are there answer at once, if they do. */
  gone(letter: string, of: string, incarnation = 1, answers = true): Effect[] {
    const effects = this.hear(letter, { type: 'gone', gone: [{ id: idOf(of), incarnation, reason: 'lost' }] })
    const asked = effects.filter(({ type }) => type === 'ask')
    if (answers && asked.length > 0) effects.push(...this.input({ type: 'answered', id: idOf(of) }))
    return effects
  }

  /** Lets the time pass, with all that is due in it. */
  pass(time: number): Effect[] {
    const end = this.now + time
    const effects: Effect[] = []
    for (let due = dueAt(this.state); due <= end; due = dueAt(this.state)) {
      this.now = Math.max(this.now, due)
      effects.push(...this.input({ type: 'tick' }))
    }
    this.now = end
    return effects
  }

  /** All links have spoken, and know what we know. */
  settle(): void {
    this.pass(2000)
    const message = { type: 'digest' as const, digest: this.state.digest }
    for (const { id, speaks } of this.state.links.values()) {
      if (speaks) this.input({ type: 'message', from: id, message, size: 8, invalid: 0 })
    }
  }

  record(letter: string): MemberRecord | undefined {
    return this.state.entries.get(idOf(letter))?.record
  }
}

/** What is told to a node, of one kind. */
export function toldTo<T extends Message['type']>(
  effects: readonly Effect[],
  letter: string,
  type: T,
): (Message & { type: T })[] {
  return effects.flatMap((effect) =>
    effect.type === 'send' && effect.to === idOf(letter) && effect.message.type === type
      ? [effect.message as Message & { type: T }]
      : [],
  )
}

/** Ids that a node is told to be there. */
export function knownTo(effects: readonly Effect[], letter: string): string[] {
  return toldTo(effects, letter, 'know').flatMap(({ told }) => told.map(({ record }) => record.name))
}

export function drops(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.type === 'drop' ? [effect.reason] : []))
}

export function greeted(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.type === 'greet' ? [effect.record.endpoint] : []))
}
