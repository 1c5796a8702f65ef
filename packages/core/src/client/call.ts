import type { Directory } from '../directory/directory.js'
import type { Selector } from '../directory/selector.js'
import type { AbortLike } from '../shared/abort.js'
import type { AttemptCause, CallContext } from '../shared/diagnostics.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Retry } from '../shared/options/retry.js'
import type { Slab } from '../shared/slab.js'
import type { Counters } from '../shared/stats.js'
import type { ClientTransport, ResponseBody } from '../transport/transport.js'
import type { BodyInput, CallOptions, Instance, Logger } from '../types.js'
import type { ReadBody, Streamed } from './body.js'
import type { RequestHeaders } from './headers.js'
import type { CallTimers, TimedCall } from './pending-call.js'
import type { Latencies, RetryBudget } from './retry-policy.js'
import type { Liveness } from './silence-check.js'
import type { Target } from './target.js'

/** The options of a call that choose the instance. */
export type Selection = Pick<CallOptions, 'version' | 'where' | 'prefer' | 'key'>

/** What a call selects by. */
export interface CallSelector extends Selector {
  /**
   * Gets what a function of the user throws. The instance then counts as one that the function is false for. As long as nobody
   * has set this, the error is thrown.
   */
  failed: (error: unknown) => void
}

/** A call, after `do`, `fetch` or `request` has read its arguments. */
export interface Call {
  readonly target: Target
  readonly method: string
  /** Those who trace the call may add to them before it is sent. */
  headers: RequestHeaders
  /** A stream that was small is replaced by its bytes once it was read. */
  body: BodyInput
  /** A stream of up to so many bytes is read before it is sent. */
  readonly readFirst: number
  readonly timeout: number | undefined
  readonly signal: AbortLike | null | undefined
  readonly retry: CallOptions['retry']
  readonly waitFor: CallOptions['waitFor']
  readonly balance: CallOptions['balance']
  /** Which instances it may go to. Undefined: all. */
  readonly select: Selection | undefined
  /** The number of instances that it was sent to, so far. */
  tries: number
  /** When it was last begun, on the clock of `performance.now()`. 0 before that. */
  begunAt: number
  /** Undefined for nearly all calls: nobody traces them. */
  trace?: TracedCall
}

/** An attempt that has ended. */
export interface EndedAttempt {
  readonly endpoint: { readonly instance: Instance }
  readonly cause: AttemptCause
  readonly sentAt: number
}

/** A call that somebody traces. `now`: when the attempt has ended. */
export interface TracedCall extends CallContext {
  attemptAnswered(attempt: EndedAttempt, now: number, status: number): void
  attemptFailed(attempt: EndedAttempt, now: number, error: unknown): void
  /** The call has ended without it. */
  attemptCancelled(attempt: EndedAttempt, now: number): void
}

/** How a call is sent. Its options are checked. */
export interface SendOptions {
  readonly headers: readonly string[]
  readonly body: ReadBody | Streamed
  readonly signal: AbortLike | undefined
  readonly timeout: number
  /** The timeout is that of the request that the call is made for. */
  readonly deadlineInherited: boolean
  readonly retry: Retry
  readonly waitFor: number | boolean
  readonly selector: CallSelector | undefined
  /** The service's latencies, if they decide when the call is hedged. */
  readonly latencies: Latencies | undefined
}

/** What a call resolves to. */
export interface Reply {
  readonly code: number
  /** The text of the status, as the service wrote it. `''`: it wrote none. */
  readonly message: string
  readonly headers: string[]
  readonly body: Buffer | ResponseBody
}

export type Redirect = NonNullable<RequestInit['redirect']>

/** A call of `do` or `fetch`. */
export interface FetchCall extends Call {
  readonly url: string
  readonly redirect: Redirect
  /** The number of redirects that led to it. */
  readonly redirects: number
  readonly decompress: boolean
  /** When it began, on the clock of `performance.now()`. 0 if it follows no redirect. */
  readonly startedAt: number
}

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

/** The wires that this node speaks, by their number. Each request takes the wire that its instance announced. */
export type Wires = Readonly<Record<number, ClientTransport>>

/** What all calls of a node share. */
export interface CallDependencies {
  readonly wires: Wires
  /** The same wires for instances that there is no link to yet. */
  readonly linkingWires: Wires
  readonly liveness: Liveness
  readonly options: CheckedOptions
  readonly directory: Directory
  readonly budget: RetryBudget
  readonly counters: Counters
  readonly debug: Logger | undefined
  readonly unready: Slab<UnreadyCall>
  readonly now: () => number
  readonly random: () => number
  /** What is known instead of a service, for the error. */
  readonly known: (service: string) => string
  /** The address of this node without its port. */
  readonly ownHost: () => string | undefined
  /** Calls that wait for their response. */
  readonly live: Slab<ActiveCall>
  readonly timers: CallTimers
  /** By service. Only services whose calls are hedged by a percentile have them. */
  readonly latencies: Map<string, Latencies>
}
