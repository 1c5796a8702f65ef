import type { Logger, NodeStats } from '@sleuth/zre'
import type { SleuthStats } from '../types.js'
import { CallerList } from './caller-counts.js'
import { publishDrop } from './diagnostics.js'
import { Durations } from './durations.js'
import { reasonOf, SleuthError, sleuthError } from './errors.js'
import { Throttle } from './log.js'

type Counts = Record<string, number>

/** The most services whose calls are measured apart. The others are measured together, under a name that no service has. */
export const MAX_SERVICES = 100
export const OTHER_SERVICES = '<other>'

/** The calls of one service. A call that was sent is counted by its duration. */
export class CallCounts extends Durations {
  /** Calls that were sent to no instance. */
  unsent = 0
  /** Calls that got no response, sent or not. */
  errors = 0
  retries = 0
  hedges = 0
}

/** The counters of `stats()`, except those of the ZRE node. */
export class Counters {
  calls = 0
  answers = 0
  requests = 0
  replies = 0
  refused = 0
  inflight = 0
  abandoned = 0
  retries = 0
  hedges = 0
  emits = 0
  eventsSent = 0
  eventsReceived = 0
  listenerErrors = 0
  /** Bytes by direct connections. */
  bytesSent = 0
  bytesReceived = 0
  /** Limits the log lines about counted events. */
  readonly warnings = new Throttle()
  /** Calls, and how long they took, by service. */
  readonly callsOf = new Map<string, CallCounts>()
  /** Requests by caller. */
  readonly callers = new CallerList()
  readonly requestDurations = new Durations()
  readonly #errors: Counts = {}
  readonly #dropped: Counts = {}
  readonly #lastDropped: Counts = {}

  /** The counts of a service that was not called before. */
  newService(service: string): CallCounts {
    const name = this.callsOf.size < MAX_SERVICES ? service : OTHER_SERVICES
    const counts = this.callsOf.get(name) ?? new CallCounts()
    this.callsOf.set(name, counts)
    return counts
  }

  /** A call was sent to no instance. Its service may be a name that somebody made up: it gets no place of its own for that. */
  unsent(service: string): void {
    const counts = this.callsOf.get(service) ?? this.newService(OTHER_SERVICES)
    counts.unsent++
    counts.errors++
  }

  retried(service: string): void {
    this.retries++
    const counts = this.callsOf.get(service) ?? this.newService(service)
    counts.retries++
  }

  hedged(service: string): void {
    this.hedges++
    const counts = this.callsOf.get(service) ?? this.newService(service)
    counts.hedges++
  }

  failed(error: unknown): void {
    // Some calls fail as `fetch` does: with a `TypeError` whose cause is sleuth's error.
    const coded = error instanceof TypeError ? error.cause : error
    // Only the caller's own signal rejects with another reason.
    count(this.#errors, coded instanceof SleuthError ? coded.code : 'aborted')
  }

  dropped(reason: string, times = 1): void {
    count(this.#dropped, reason, times)
    this.#lastDropped[reason] = Date.now()
  }

  /** When a message was last dropped, by reason: milliseconds since 1970. */
  lastDropped(node: NodeStats | undefined): Record<string, number> {
    return { ...node?.lastDropped, ...this.#lastDropped }
  }

  snapshot(pending: number, node: NodeStats | undefined): SleuthStats {
    return {
      calls: this.calls,
      answers: this.answers,
      pending,
      requests: this.requests,
      replies: this.replies,
      refused: this.refused,
      inflight: this.inflight,
      abandoned: this.abandoned,
      retries: this.retries,
      hedges: this.hedges,
      emits: this.emits,
      eventsSent: this.eventsSent,
      eventsReceived: this.eventsReceived,
      listenerErrors: this.listenerErrors,
      errors: { ...this.#errors },
      dropped: { ...node?.dropped, ...this.#dropped },
      bytesSent: this.bytesSent + (node?.bytesSent ?? 0),
      bytesReceived: this.bytesReceived + (node?.bytesReceived ?? 0),
      peers: node?.peers ?? 0,
    }
  }
}

function count(counts: Counts, key: string, times = 1): void {
  counts[key] = (counts[key] ?? 0) + times
}

/** Counts a dropped message by the code of its error, and logs it unless there are too many lines. */
export function countDropped(error: unknown, counters: Counters, log: Logger): void {
  const known =
    error instanceof SleuthError
      ? error
      : sleuthError('SLEUTH_DISPATCH', { why: reasonOf(error) }, { cause: error })
  counters.dropped(known.code)
  counters.warnings.warn(log, known)
  publishDrop(known)
}
