import type { Balance, Instance } from '../types.js'
import { Member } from './endpoint.js'

export interface Picking {
  readonly balance: Balance
  /** Milliseconds, from any moment on, but never 0. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

const none: readonly Member[] = []

/** The instances of one service, handed out by turns in Go's order (workers.go), or the idler of two. */
export class Pool {
  readonly #members: Member[] = []
  readonly #picking: Picking
  #current = 0

  constructor(picking: Picking) {
    this.#picking = picking
  }

  get size(): number {
    return this.#members.length
  }

  get instances(): Instance[] {
    return this.#members.map(({ instance }) => instance)
  }

  /** Whether it was added: an instance that is there already is left alone. */
  add(instance: Instance): boolean {
    if (this.#members.some((member) => member.instance.id === instance.id)) return false
    this.#members.push(new Member(instance))
    return true
  }

  remove(id: string): Instance | undefined {
    const index = this.#members.findIndex(({ instance }) => instance.id === id)
    return index === -1 ? undefined : this.#members.splice(index, 1)[0]?.instance
  }

  /** Undefined when there is none, or none but those in `tried`. */
  next(tried: readonly Member[] = none): Member | undefined {
    return this.#picking.balance === 'round-robin' ? this.#nextInTurn(tried) : this.#idlerOfTwo(tried)
  }

  /** The turn is not moved by a removal, as in Go: the next but one may be passed over once. */
  #nextInTurn(tried: readonly Member[]): Member | undefined {
    const members = this.#members
    let first: Member | undefined
    for (let passed = 0; passed < members.length; passed++) {
      if (this.#current >= members.length) this.#current = 0
      const member = members[this.#current++] as Member
      if (tried !== none && tried.includes(member)) continue
      if (this.#takes(member)) return member
      first = sooner(first, member)
    }
    return first
  }

  /** Of two at random: to look for the idlest of all would send every caller to the same one. */
  #idlerOfTwo(tried: readonly Member[]): Member | undefined {
    const { random, now } = this.#picking
    let usable = this.#members
    if (tried !== none || usable.some(({ health }) => health.until !== 0)) {
      const untried = usable.filter((member) => !tried.includes(member))
      usable = untried.filter(({ health }) => health.until <= now())
      if (usable.length === 0) return untried.reduce<Member | undefined>(sooner, undefined)
    }
    const at = Math.floor(random() * usable.length)
    const one = usable[at]
    if (one === undefined) return undefined
    const other = usable[(at + 1 + Math.floor(random() * (usable.length - 1))) % usable.length] as Member
    const chosen = other.pending < one.pending ? other : one
    this.#takes(chosen)
    return chosen
  }

  /** Whether a call may go there. */
  #takes({ health }: Member): boolean {
    if (health.until === 0) return true
    const now = this.#picking.now()
    if (now < health.until) return false
    health.chosen(now)
    return true
  }
}

/** All are passed over, and a call has to go somewhere. */
function sooner(one: Member | undefined, other: Member): Member {
  return one === undefined || other.health.until < one.health.until ? other : one
}
