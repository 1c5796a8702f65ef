import type { Directory } from '../directory/directory.js'
import { token } from '../http/headers.js'
import { checkSignal, either } from '../shared/abort.js'
import { sleuthError } from '../shared/errors.js'
import { debugLog } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { retryOfCall } from '../shared/options/retry.js'
import {
  balanceProblem,
  isBalance,
  isTimeout,
  isWaitFor,
  timeoutProblem,
  waitForProblem,
} from '../shared/options/values.js'
import { Slab } from '../shared/slab.js'
import type { Counters } from '../shared/stats.js'
import type { Logger } from '../types.js'
import { NO_BODY, readBody } from './body.js'
import type { ActiveCall, Call, CallDependencies, Reply, Wires } from './call.js'
import { nobody } from './errors.js'
import { notCarried } from './headers.js'
import { CallTimers } from './pending-call.js'
import type { RequestContext } from './request-context.js'
import { Latencies, RetryBudget } from './retry-policy.js'
import { RetryingCall } from './retrying-call.js'
import { loadFor, selectorOf } from './selection.js'
import type { Liveness } from './silence-check.js'

export interface CallsOptions {
  readonly wires: Wires
  readonly linkingWires: Wires
  readonly liveness: Liveness
  readonly options: CheckedOptions
  readonly directory: Directory
  readonly counters: Counters
  readonly log: Logger
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** What is known instead of a service, for the error. */
  readonly known: (service: string) => string
  /** The address of this node without its port, for calls that prefer its host. */
  readonly ownHost: () => string | undefined
}

/** Checks calls, and starts them. */
export class Calls {
  readonly #shared: CallDependencies
  /** Makes the error of calls that come too late. */
  #closed: ((mayHaveRun: boolean) => unknown) | undefined

  constructor(options: CallsOptions) {
    const live = new Slab<ActiveCall>()
    this.#shared = {
      ...options,
      debug: debugLog(options.log),
      live,
      timers: new CallTimers(live, options.now),
      budget: new RetryBudget(options.options.retryBudget, options.now()),
      unready: new Slab(),
      latencies: new Map(),
    }
  }

  /** The number of calls that wait for their response. */
  get waiting(): number {
    return this.#shared.live.size
  }

  /**
   * The time limit begins here, so it includes the reading of the body. Throws if something is wrong with the call itself.
   * `origin`: the request that it is made for.
   */
  call(call: Call, origin?: RequestContext): Promise<Reply> {
    const loading = call.select && loadFor(call.select)
    if (loading !== undefined)
      return loading.then(() => {
        if (this.#closed !== undefined) throw this.#closed(false)
        return this.call(call, origin)
      })
    const { options, directory } = this.#shared
    const { target, timeout: wanted = options.timeout, waitFor = options.waitFor } = call
    if (call.timeout !== undefined) checkTimeout(call.timeout)
    if (call.waitFor !== undefined) checkWaitFor(call.waitFor)
    const retry = call.retry === undefined ? options.retry : retryOfCall(call.retry, options.retry)
    if (call.balance !== undefined) checkBalance(call.balance)
    checkMethod(call.method)
    const body = call.body === undefined ? NO_BODY : readBody(call.body)
    const headers = call.headers.with(body, origin === undefined ? NOTHING : origin.inherited)
    const selector = call.select && selectorOf(call.select, this.#shared.ownHost)
    if (waitFor === false && directory.size(target.service, selector, 1) === 0)
      throw nobody(this.#shared, target.service, selector)

    const left = origin?.timeLeft ?? Infinity
    const deadlineInherited = left < wanted
    const timeout = deadlineInherited ? Math.max(0, Math.floor(left)) : wanted
    if (timeout > 0 && origin?.aborted) throw sleuthError('SLEUTH_CALLER_GONE')
    const isBound = call.signal !== undefined || origin !== undefined
    const signal = isBound ? either(checkSignal(call.signal), origin) : undefined
    return new RetryingCall(this.#shared, call, {
      headers,
      body,
      signal,
      timeout,
      deadlineInherited,
      retry,
      waitFor,
      selector,
      latencies: typeof retry.hedgeAfter === 'object' ? this.#latenciesOf(target.service) : undefined,
    }).start()
  }

  #latenciesOf(service: string): Latencies {
    const { latencies } = this.#shared
    const known = latencies.get(service) ?? new Latencies()
    latencies.set(service, known)
    return known
  }

  /** An instance of the service has appeared. */
  up(service: string): void {
    for (const waiting of this.#shared.unready.all())
      if (waiting.target.service === service) waiting.onInstanceUp()
  }

  /** Ends every call, whatever it waits for. */
  close(errorOf: (mayHaveRun: boolean) => unknown): void {
    this.#closed = errorOf
    for (const call of this.#shared.live.all()) call.close(errorOf)
    this.#shared.timers.close()
  }
}

function checkTimeout(timeout: unknown): void {
  if (!isTimeout(timeout))
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
}

function checkWaitFor(waitFor: unknown): void {
  if (!isWaitFor(waitFor))
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'waitFor', problem: waitForProblem })
}

function checkBalance(balance: unknown): void {
  if (!isBalance(balance))
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'balance', problem: balanceProblem })
}

/** It refuses CONNECT too, because there is no connection to hand over. */
function checkMethod(method: unknown): void {
  if (typeof method !== 'string' || !token.test(method)) {
    const problem = 'must be an HTTP method such as GET'
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'method', problem })
  }
  if (method.length === 7 && method.toUpperCase() === 'CONNECT') throw notCarried('the method CONNECT')
}

const NOTHING: readonly string[] = []
