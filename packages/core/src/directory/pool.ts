import type { Balance, Instance } from '../types.js'
import { Endpoint } from './endpoint.js'
import { Chooser, candidatesOf, earliest, type PickerOptions, type Selector } from './selector.js'
import { weightOf } from './weight.js'

const none: readonly Endpoint[] = []

/** The instances of one service. It picks them in turn, in the order of Go (workers.go), or the idler of two. */
export class Pool {
  readonly #members: Endpoint[] = []
  /** Those that are ready. All, if none is: then a call has no better chance elsewhere. */
  #wanting: readonly Endpoint[] = this.#members
  readonly #picking: PickerOptions
  #current = 0
  /** An instance asks for another share of calls than the rest. */
  #isWeighted = false
  readonly #chooser: Chooser
  /** How many instances there are. */
  size = 0
  /** An instance was picked. Its reader sets it back. */
  isUsed = false

  constructor(picking: PickerOptions) {
    this.#picking = picking
    this.#chooser = new Chooser(picking)
  }

  get instances(): Instance[] {
    return this.#members.map(({ instance }) => instance)
  }

  find(id: string): Endpoint | undefined {
    return this.#members.find(({ instance }) => instance.id === id)
  }

  /** Returns false if the instance is there already. */
  add(instance: Instance, isLinked = true): boolean {
    if (this.find(instance.id) !== undefined) return false
    this.size = this.#members.push(new Endpoint(instance, isLinked))
    this.#sort()
    return true
  }

  remove(id: string): Instance | undefined {
    const index = this.#members.findIndex(({ instance }) => instance.id === id)
    if (index === -1) return undefined
    const [removed] = this.#members.splice(index, 1)
    this.size = this.#members.length
    this.#sort()
    return removed?.instance
  }

  /** True if it was otherwise before. */
  setReady(id: string, ready: boolean): boolean {
    const member = this.#members.find(({ instance }) => instance.id === id)
    if (member === undefined || member.instance.ready === ready) return false
    member.instance = Object.freeze({ ...member.instance, ready })
    this.#sort()
    return true
  }

  get hasReady(): boolean {
    return this.#wanting[0]?.instance.ready === true
  }

  /** The instance says something else of itself. */
  describe(member: Endpoint, instance: Instance): void {
    member.instance = Object.freeze({ ...instance, ready: member.instance.ready })
    member.weight = weightOf(instance)
    this.#sort()
  }

  /** How many instances match, up to `most`. */
  count(selector: Selector, most: number): number {
    let count = 0
    for (const { instance } of this.#members) if (selector.matches(instance) && ++count >= most) break
    return count
  }

  #sort(): void {
    this.#isWeighted = this.#members.some(({ weight }) => weight !== 1)
    const ready = this.#members.filter(({ instance }) => instance.ready)
    this.#wanting = ready.length === 0 || ready.length === this.size ? this.#members : ready
  }

  /** Returns undefined if all instances are in `tried`, or all that are ready, as long as one is. */
  next(
    tried: readonly Endpoint[] = none,
    balance: Balance = this.#picking.balance,
    selector?: Selector,
  ): Endpoint | undefined {
    this.isUsed = true
    if (selector !== undefined || this.#isWeighted) {
      return this.#chooser.choose(this.#members, tried, balance, selector)
    }
    return balance === 'round-robin' ? this.#nextInTurn(tried) : this.#powerOfTwo(tried)
  }

  hasOther(tried: readonly Endpoint[], selector?: Selector): boolean {
    const now = this.#picking.now()
    const isChosen = selector !== undefined || this.#isWeighted
    const members = isChosen ? candidatesOf(this.#members, selector, now) : this.#wanting
    return members.some((member) => member.health.ejectedUntil <= now && !tried.includes(member))
  }

  /** As in Go, a removal does not move the cursor, so it may skip one instance once. */
  #nextInTurn(tried: readonly Endpoint[]): Endpoint | undefined {
    const members = this.#wanting
    let first: Endpoint | undefined
    for (let passed = 0; passed < members.length; passed++) {
      if (this.#current >= members.length) this.#current = 0
      const member = members[this.#current++] as Endpoint
      if (tried !== none && tried.includes(member)) continue
      if (member.health.ejectedUntil === 0 || this.#isAvailable(member)) return member
      first = earliest(first, member)
    }
    return first
  }

  /** Of two random instances, it picks the one with fewer pending calls. The idlest of all would get the calls of all callers. */
  #powerOfTwo(tried: readonly Endpoint[]): Endpoint | undefined {
    const { random, now } = this.#picking
    let usable = this.#wanting
    if (tried !== none || usable.some(({ health }) => health.ejectedUntil !== 0)) {
      const untried = usable.filter((member) => !tried.includes(member))
      usable = untried.filter(({ health }) => health.ejectedUntil <= now())
      if (usable.length === 0) return untried.reduce<Endpoint | undefined>(earliest, undefined)
    }
    const at = Math.floor(random() * usable.length)
    const one = usable[at]
    if (one === undefined) return undefined
    const other = usable[(at + 1 + Math.floor(random() * (usable.length - 1))) % usable.length] as Endpoint
    const chosen = other.pending < one.pending ? other : one
    this.#isAvailable(chosen)
    return chosen
  }

  /** Whether a call may go there. */
  #isAvailable({ health }: Endpoint): boolean {
    if (health.ejectedUntil === 0) return true
    const now = this.#picking.now()
    if (now < health.ejectedUntil) return false
    health.onPicked(now)
    return true
  }
}
