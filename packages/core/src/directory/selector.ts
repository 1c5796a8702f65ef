import type { Balance, Instance } from '../types.js'
import type { Endpoint } from './endpoint.js'

/** Which instances of a service a call may go to. */
export interface Selector {
  matches(instance: Instance): boolean
  /** Which of these go before the others. */
  readonly prefers: ((instance: Instance) => boolean) | undefined
  /** Calls with the same key go to the same instance. */
  readonly key: string | undefined
  /** For the message of an error: `version ^2, zone=a`. */
  readonly says: string
}

/** Those that match, without those that want no calls, and those of weight 0, as long as there are others. */
export function candidatesOf(
  members: readonly Endpoint[],
  selector: Selector | undefined,
): readonly Endpoint[] {
  const matching =
    selector === undefined ? members : members.filter(({ instance }) => selector.matches(instance))
  return orAll(
    orAll(matching, ({ instance }) => instance.ready),
    ({ weight }) => weight > 0,
  )
}

export interface PickerOptions {
  readonly balance: Balance
  /** Milliseconds, from any moment on, but never 0. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** Chooses among instances that differ: by what a call prefers, by its key, or by their weights. */
export class Chooser {
  readonly #picking: PickerOptions
  /** How far the calls have come that were spread by weight. */
  #pass = 0

  constructor(picking: PickerOptions) {
    this.#picking = picking
  }

  choose(
    members: readonly Endpoint[],
    tried: readonly Endpoint[],
    balance: Balance,
    selector: Selector | undefined,
  ): Endpoint | undefined {
    const now = this.#picking.now()
    const untried = members.filter((member) => !tried.includes(member))
    const usable = untried.filter(({ health }) => health.ejectedUntil <= now)
    if (usable.length === 0) return untried.reduce<Endpoint | undefined>(earliest, undefined)
    const prefers = selector?.prefers
    const first = prefers === undefined ? usable : orAll(usable, ({ instance }) => prefers(instance))
    const chosen = this.#among(first, balance, selector?.key)
    chosen?.health.onPicked(now)
    return chosen
  }

  #among(members: readonly Endpoint[], balance: Balance, key: string | undefined): Endpoint | undefined {
    if (key !== undefined) return byKey(members, key)
    return balance === 'round-robin' ? this.#byWeight(members) : this.#idler(members)
  }

  /**
   * Stride scheduling (Waldspurger and Weihl 1995): each call moves its instance on by 1 / weight, and the one that is behind is
   * next. One that was not among the instances to choose from for a while does not catch up.
   */
  #byWeight(members: readonly Endpoint[]): Endpoint | undefined {
    let [chosen] = members
    if (chosen === undefined) return undefined
    for (const member of members) if (member.pass < chosen.pass) chosen = member
    this.#pass = Math.max(this.#pass, chosen.pass)
    chosen.pass = this.#pass + 1 / (chosen.weight || 1)
    return chosen
  }

  /** Of two random instances, the one with fewer pending calls for its weight. */
  #idler(members: readonly Endpoint[]): Endpoint | undefined {
    const { random } = this.#picking
    const at = Math.floor(random() * members.length)
    const one = members[at]
    if (one === undefined) return undefined
    const other = members[(at + 1 + Math.floor(random() * (members.length - 1))) % members.length] as Endpoint
    return (other.pending + 1) * one.weight < (one.pending + 1) * other.weight ? other : one
  }
}

function orAll(members: readonly Endpoint[], wanted: (member: Endpoint) => boolean): readonly Endpoint[] {
  const some = members.filter(wanted)
  return some.length === 0 ? members : some
}

/**
 * The instance for a key, by weighted rendezvous hashing: every caller finds the same one, and when an instance goes only its
 * own keys move.
 */
function byKey(members: readonly Endpoint[], key: string): Endpoint | undefined {
  let best: Endpoint | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const member of members) {
    const score = (member.weight || 1) / -Math.log(fraction(`${member.instance.id}\n${key}`))
    if (score > most) [best, most] = [member, score]
  }
  return best
}

/** A number above 0 and below 1: FNV-1a, with the last step of MurmurHash3 so that similar texts differ in all bits. */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash ^= hash >>> 16
  return ((hash >>> 0) + 0.5) / 2 ** 32
}

/** Of ejected instances, the one whose ejection ends first: a call must go to one of them. */
export function earliest(one: Endpoint | undefined, other: Endpoint): Endpoint {
  return one === undefined || other.health.ejectedUntil < one.health.ejectedUntil ? other : one
}
