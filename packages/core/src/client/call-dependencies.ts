import type { Directory } from '../directory/directory.js'
import type { CheckedOptions } from '../shared/options.js'
import type { Slab } from '../shared/slab.js'
import type { Counters } from '../shared/stats.js'
import type { ClientTransport } from '../transport/transport.js'
import type { Logger } from '../types.js'
import type { CallTimers, TimedCall } from './call-timers.js'
import { Latencies, type RetryBudget } from './retry-policy.js'
import type { Liveness } from './silence-check.js'
import type { Target } from './target.js'

/** A call that waits for an instance. */
export interface UnreadyCall {
  readonly target: Target
  onInstanceUp(): void
}

/** A call that waits for its response. */
export interface ActiveCall extends TimedCall {
  /** The node closes. */
  close(errorOf: (mayHaveRun: boolean) => unknown): void
}

/** What all calls of a node share. */
export interface CallDependencies {
  readonly transport: ClientTransport
  readonly liveness: Liveness
  readonly options: CheckedOptions
  readonly directory: Directory
  readonly budget: RetryBudget
  readonly counters: Counters
  readonly log: Logger
  readonly unready: Slab<UnreadyCall>
  readonly now: () => number
  readonly random: () => number
  /** Calls that wait for their response. */
  readonly live: Slab<ActiveCall>
  readonly timers: CallTimers
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
