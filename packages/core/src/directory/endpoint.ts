import type { Instance } from '../types.js'
import { Health } from './health.js'

/** An instance, and what this node has seen of it. */
export class Endpoint {
  readonly instance: Instance
  readonly health = new Health()
  /** Calls that wait for its answer. */
  pending = 0
  /** When a call last asked for a sign of life, and when the process last answered a probe: see `SilenceCheck`. */
  pingedAt = Number.NEGATIVE_INFINITY
  probedAt = Number.NEGATIVE_INFINITY
  /** When a probe could not be made, if that was the last. */
  unprobedAt = Number.NEGATIVE_INFINITY
  probing = false

  constructor(instance: Instance) {
    this.instance = instance
  }
}
