import type { Balance, Instance } from '../types.js'
import { Endpoint } from './endpoint.js'

export interface PickerOptions {
  readonly balance: Balance
  /** Milliseconds, from any moment on, but never 0. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

const none: readonly Endpoint[] = []

/** The instances of one service, handed out by turns in Go's order (workers.go), or the idler of two. */
export class Pool {
  readonly #members: Endpoint[] = []
  readonly #picking: PickerOptions
  #current = 0

  constructor(picking: PickerOptions) {
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
    this.#members.push(new Endpoint(instance))
    return true
  }

  remove(id: string): Instance | undefined {
    const index = this.#members.findIndex(({ instance }) => instance.id === id)
    return index === -1 ? undefined : this.#members.splice(index, 1)[0]?.instance
  }

  /** Undefined when there is none, or none but those in `tried`. */
  next(tried: readonly Endpoint[] = none): Endpoint | undefined {
    return this.#picking.balance === 'round-robin' ? this.#nextInTurn(tried) : this.#powerOfTwo(tried)
  }

  /** The turn is not moved by a removal, as in Go: the next but one may be passed over once. */
  #nextInTurn(tried: readonly Endpoint[]): Endpoint | undefined {
    const members = this.#members
    let first: Endpoint | undefined
    for (let passed = 0; passed < members.length; passed++) {
      if (this.#current >= members.length) this.#current = 0
      const member = members[this.#current++] as Endpoint
      if (tried !== none && tried.includes(member)) continue
      if (this.#takes(member)) return member
      first = sooner(first, member)
    }
    return first
  }

  /** Of two at random: to look for the idlest of all would send every caller to the same one. */
  #powerOfTwo(tried: readonly Endpoint[]): Endpoint | undefined {
    const { random, now } = this.#picking
    let usable = this.#members
    if (tried !== none || usable.some(({ health }) => health.until !== 0)) {
      const untried = usable.filter((member) => !tried.includes(member))
      usable = untried.filter(({ health }) => health.until <= now())
      if (usable.length === 0) return untried.reduce<Endpoint | undefined>(sooner, undefined)
    }
    const at = Math.floor(random() * usable.length)
    const one = usable[at]
    if (one === undefined) return undefined
    const other = usable[(at + 1 + Math.floor(random() * (usable.length - 1))) % usable.length] as Endpoint
    const chosen = other.pending < one.pending ? other : one
    this.#takes(chosen)
    return chosen
  }

  /** Whether a call may go there. */
  #takes({ health }: Endpoint): boolean {
    if (health.until === 0) return true
    const now = this.#picking.now()
    if (now < health.until) return false
    health.chosen(now)
    return true
  }
}

/** All are passed over, and a call has to go somewhere. */
function sooner(one: Endpoint | undefined, other: Endpoint): Endpoint {
  return one === undefined || other.health.until < one.health.until ? other : one
}
