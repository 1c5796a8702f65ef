import type { NetworkParts } from '../shared/options/network.js'
import type { RequestListener } from '../types.js'

/** How a node joins, beside what its own options say. */
export interface JoinOptions {
  /** The app of an adapter, whose options have no handler. */
  readonly handler?: RequestListener | undefined
  /** The app can't answer, so its service is not offered. */
  readonly clientOnly?: boolean | undefined
  /** The node is on a network where TCP connections can be made: not so in tests, whose network is in memory. */
  readonly direct?: boolean | undefined
  /** What the node joins in place of the machine's network. */
  readonly network?: NetworkParts | undefined
  /** Writes a failure to stderr if the default logger is silent, because possibly nobody awaits the join. */
  readonly aloud?: boolean | undefined
}
