import type { ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import { either } from '../shared/abort.js'
import { checkSignal } from '../shared/deferred.js'
import { sleuthError } from '../shared/errors.js'
import { type CheckedOptions, isTimeout, timeoutProblem } from '../shared/options.js'
import { retryOfCall } from '../shared/retry-options.js'
import { Slab } from '../shared/slab.js'
import type { Counters } from '../shared/stats.js'
import type { Pending } from '../transport/go/pending-requests.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Logger } from '../types.js'
import type { Reply } from './attempt.js'
import { readBody } from './body.js'
import type { Call } from './call.js'
import type { ActiveCall, CallDependencies, Parked } from './call-dependencies.js'
import { unknownService } from './call-errors.js'
import type { RequestContext } from './request-context.js'
import { carriedHeaders, checkMethod } from './request-headers.js'
import { Budget } from './retry-budget.js'
import { RetryingCall } from './retrying-call.js'

export interface CallerOptions {
  readonly sessions: Sessions
  readonly options: CheckedOptions
  readonly directory: Directory
  readonly pending: Pending
  readonly counters: Counters
  readonly log: Logger
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** Checks calls, and sends them on their way. */
export class Calls {
  readonly #parts: CallerOptions
  readonly #budget: Budget
  readonly #parked = new Slab<Parked>()
  readonly #live = new Slab<ActiveCall>()
  #shared: CallDependencies | undefined

  constructor(parts: CallerOptions) {
    this.#parts = parts
    this.#budget = new Budget(parts.options.retryBudget, parts.now())
  }

  /** Calls that wait for their answer. */
  get waiting(): number {
    return this.#live.size
  }

  /**
   * The time limit begins here: it covers the reading of the body too. Throws for what is wrong with the call itself.
   * `origin`: the request that it is made for.
   */
  call(node: ZreNode, call: Call, origin?: RequestContext): Promise<Reply> {
    const { options, directory } = this.#parts
    const { target, timeout: wanted = options.timeout, waitFor } = call
    if (!isTimeout(wanted))
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
    if (waitFor !== undefined) checkWaitFor(waitFor)
    const retry = retryOfCall(call.retry, options.retry)
    checkMethod(call.method)
    const body = readBody(call.body)
    call.headers = carriedHeaders(call.headers, body)
    origin?.carry(call.headers)
    if ((waitFor === undefined || waitFor === false) && directory.size(target.service) === 0)
      throw unknownService(target.service)

    const left = origin?.timeLeft ?? Infinity
    const bound = left < wanted
    const timeout = bound ? Math.max(0, Math.floor(left)) : wanted
    if (timeout > 0 && origin?.aborted) throw sleuthError('SLEUTH_CALLER_GONE')
    const signal = either(checkSignal(call.signal), origin)
    this.#shared ??= {
      ...this.#parts,
      node,
      budget: this.#budget,
      parked: this.#parked,
      live: this.#live,
      latencies: new Map(),
    }
    const tries = new RetryingCall(this.#shared, call, { body, signal, timeout, bound, retry })
    return tries.start()
  }

  /** An instance of the service has appeared. */
  up(service: string): void {
    for (const parked of this.#parked.all()) if (parked.target.service === service) parked.found()
  }

  /** Ends every call, whatever it waits for. */
  close(errorOf: (mayHaveRun: boolean) => unknown): void {
    for (const call of this.#live.all()) call.close(errorOf)
  }
}

function checkWaitFor(waitFor: unknown): void {
  if (typeof waitFor === 'boolean' || isTimeout(waitFor)) return
  const problem = 'must be a number of milliseconds above 0, or true for as long as the timeout allows'
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'waitFor', problem })
}
