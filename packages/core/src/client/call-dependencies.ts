import type { ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import type { CheckedOptions } from '../shared/options.js'
import type { Slab } from '../shared/slab.js'
import type { Counters } from '../shared/stats.js'
import type { Pending } from '../transport/go/pending-requests.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Logger } from '../types.js'
import { Latencies } from './latencies.js'
import type { Budget } from './retry-budget.js'
import type { Target } from './target.js'

/** A call that waits for an instance. */
export interface Parked {
  readonly target: Target
  /** An instance has appeared. */
  found(): void
}

/** A call that waits for its answer. */
export interface ActiveCall {
  /** The node closes. */
  close(errorOf: (mayHaveRun: boolean) => unknown): void
}

/** What all calls of a node share. */
export interface CallDependencies {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly directory: Directory
  readonly pending: Pending
  readonly sessions: Sessions
  readonly budget: Budget
  readonly counters: Counters
  readonly log: Logger
  readonly parked: Slab<Parked>
  readonly now: () => number
  readonly random: () => number
  /** Calls that wait for their answer. */
  readonly live: Slab<ActiveCall>
  /** By service, of those for which they are wanted. */
  readonly latencies: Map<string, Latencies>
}

export function latenciesOf({ latencies }: CallDependencies, service: string): Latencies {
  let known = latencies.get(service)
  if (known === undefined) {
    known = new Latencies()
    latencies.set(service, known)
  }
  return known
}
