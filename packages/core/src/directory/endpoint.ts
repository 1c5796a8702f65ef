import type { Instance } from '../types.js'
import { hashed } from './hash.js'
import { weightOf } from './weight.js'

/** An instance, and what this node knows of its health. */
export class Endpoint {
  /** As it was last described. */
  instance: Instance
  /** There is a link to it, over which a request can be sent at once. */
  isLinked: boolean
  readonly health = new Health()
  /** Its share of calls, and how far they have come: see `Chooser`. */
  weight: number
  pass: number | undefined
  /** The hash of its id, with which that of each key begins: see `byKey`. */
  readonly idHash: number
  /** The number of calls that wait for its response. */
  pending = 0
  /** When a call last asked for a sign of life, and when the process last answered a probe: see `SilenceCheck`. */
  pingedAt = Number.NEGATIVE_INFINITY
  probedAt = Number.NEGATIVE_INFINITY
  /** When the last probe failed to start, if it did. */
  unprobedAt = Number.NEGATIVE_INFINITY
  probing = false

  constructor(instance: Instance, isLinked = true) {
    this.instance = instance
    this.weight = weightOf(instance)
    this.idHash = hashed(`${instance.id}\n`)
    this.isLinked = isLinked
  }
}

/** Consecutive failures after which an instance is ejected. */
export const MAX_CONSECUTIVE_FAILURES = 3

/** Milliseconds of the first ejection. Each further call that fails after an ejection doubles it. */
export const BASE_EJECTION_TIME = 250

/** Milliseconds of the longest ejection. */
export const MAX_EJECTION_TIME = 10_000

/**
 * Whether calls should go to an instance. A call fails when its connection is lost, when the instance rejects it, and when no
 * answer comes in time; an answer of the app is never a failure. When an ejection ends, one real call is sent as a probe.
 * The other calls go elsewhere until the probe succeeds, or for the same time again.
 */
export class Health {
  /** When the ejection ends, on the caller's clock. 0: the instance is not ejected. */
  ejectedUntil = 0
  consecutiveFailures = 0
  #ejectionTime = 0
  #probed = false

  succeeded(): void {
    this.consecutiveFailures = 0
    this.ejectedUntil = 0
  }

  /** `random`, from 0 to 1, spreads the ends of ejections, so that not all callers return at once. */
  failed(now: number, random: number): void {
    this.consecutiveFailures++
    if (this.ejectedUntil === 0) {
      if (this.consecutiveFailures >= MAX_CONSECUTIVE_FAILURES) this.#eject(BASE_EJECTION_TIME, now, random)
    } else if (this.#probed) {
      this.#eject(Math.min(MAX_EJECTION_TIME, 2 * this.#ejectionTime), now, random)
    }
    // Otherwise the call began before the ejection, so its failure tells nothing new.
  }

  /** A call is sent to the instance. */
  onPicked(now: number): void {
    if (this.ejectedUntil === 0 || now < this.ejectedUntil) return
    this.#probed = true
    this.ejectedUntil = now + this.#ejectionTime
  }

  #eject(time: number, now: number, random: number): void {
    this.#ejectionTime = time
    this.#probed = false
    this.ejectedUntil = now + time * (0.75 + random / 2)
  }
}
