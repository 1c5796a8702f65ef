import type { Balance, Instance } from '../types.js'
import type { Endpoint } from './endpoint.js'
import { byKey } from './rendezvous.js'

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

/**
 * Those that match, without those that want no calls, as long as there are others, and without those of weight 0, as long as
 * another is not ejected.
 */
export function candidatesOf(
  members: readonly Endpoint[],
  selector: Selector | undefined,
  now: number,
): readonly Endpoint[] {
  const matching =
    selector === undefined ? members : members.filter(({ instance }) => selector.matches(instance))
  const wanting = orAll(matching, isReady)
  const regular = orAll(wanting, hasWeight)
  const isSpareNeeded = regular !== wanting && !regular.some(({ health }) => health.ejectedUntil <= now)
  return isSpareNeeded ? wanting : regular
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
    const candidates = candidatesOf(members, selector, now)
    const untried = tried.length === 0 ? candidates : candidates.filter((member) => !tried.includes(member))
    const usable = untried.filter(({ health }) => health.ejectedUntil <= now)
    if (usable.length === 0) return untried.reduce<Endpoint | undefined>(earliest, undefined)
    const chosen = this.#among(preferred(usable, selector?.prefers), balance, selector?.key)
    chosen?.health.onPicked(now)
    return chosen
  }

  #among(members: readonly Endpoint[], balance: Balance, key: string | undefined): Endpoint | undefined {
    if (key !== undefined) return byKey(members, key)
    if (balance === 'round-robin') return this.#byWeight(members, stride)
    const [first] = members
    const isEven = members.every(({ weight }) => weight === first?.weight)
    return isEven ? this.#idler(members) : this.#byWeight(members, loadedStride)
  }

  /**
   * Stride scheduling (Waldspurger and Weihl 1995): each call moves its instance on by its stride, and the one that is behind is
   * next. One that was not among the instances to choose from for a while does not catch up.
   */
  #byWeight(members: readonly Endpoint[], strideOf: (member: Endpoint) => number): Endpoint | undefined {
    let chosen: Endpoint | undefined
    let least = Number.POSITIVE_INFINITY
    for (const member of members) {
      // A new one is anywhere in its first stride: at its beginning, callers that make few calls would all call it first.
      member.pass ??= this.#pass + this.#picking.random() * stride(member)
      if (member.pass >= least) continue
      chosen = member
      least = member.pass
    }
    if (chosen === undefined) return undefined
    this.#pass = Math.max(this.#pass, least)
    chosen.pass = this.#pass + strideOf(chosen)
    return chosen
  }

  /** Of two random instances, the one with fewer pending calls. */
  #idler(members: readonly Endpoint[]): Endpoint | undefined {
    const { random } = this.#picking
    const at = Math.floor(random() * members.length)
    const one = members[at]
    if (one === undefined) return undefined
    const other = members[(at + 1 + Math.floor(random() * (members.length - 1))) % members.length] as Endpoint
    return other.pending < one.pending ? other : one
  }
}

/** How far a call moves its instance on. Where all have the weight 0, all get the same. */
function stride({ weight }: Endpoint): number {
  return 1 / (weight || 1)
}

/** As in Envoy's weighted least-request: the more calls are pending, the smaller the share. */
function loadedStride(member: Endpoint): number {
  return (member.pending + 1) * stride(member)
}

function isReady({ instance }: Endpoint): boolean {
  return instance.ready
}

function hasWeight({ weight }: Endpoint): boolean {
  return weight > 0
}

/** Mostly all are wanted, of what may be hundreds: then no list is made. */
function orAll(members: readonly Endpoint[], wanted: (member: Endpoint) => boolean): readonly Endpoint[] {
  if (members.every(wanted)) return members
  const some = members.filter(wanted)
  return some.length === 0 ? members : some
}

/** It asks the function of a user once for each. */
function preferred(members: readonly Endpoint[], prefers: Selector['prefers']): readonly Endpoint[] {
  if (prefers === undefined) return members
  const some = members.filter(({ instance }) => prefers(instance))
  return some.length === 0 ? members : some
}

/** Of ejected instances, the one whose ejection ends first: a call must go to one of them. */
export function earliest(one: Endpoint | undefined, other: Endpoint): Endpoint {
  return one === undefined || other.health.ejectedUntil < one.health.ejectedUntil ? other : one
}
