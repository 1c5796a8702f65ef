import type { Instance } from '../types.js'
import { Health } from './health.js'

/** An instance, and what this node has seen of it. */
export class Member {
  readonly instance: Instance
  readonly health = new Health()
  /** Calls that wait for its answer. */
  pending = 0

  constructor(instance: Instance) {
    this.instance = instance
  }
}
