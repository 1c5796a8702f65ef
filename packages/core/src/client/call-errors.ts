import { SleuthError, sleuthError } from '../shared/errors.js'
import { isIdempotent } from './idempotent.js'
import type { Target } from './target.js'

export function unknownService(service: string): SleuthError {
  return sleuthError('SLEUTH_UNKNOWN_SERVICE', { service }, { retryable: true })
}

export function timeoutError(
  { method, target, timeout }: { readonly method: string; readonly target: Target; readonly timeout: number },
  bound: boolean,
  mayHaveRun: boolean,
): SleuthError {
  const whose = bound ? ' (bound by the request that it is made for)' : ''
  const what = `${method} sleuth://${target.service}${target.url}${whose}`
  const outcome = { retryable: !mayHaveRun || isIdempotent(method), mayHaveRun }
  return sleuthError('SLEUTH_TIMEOUT', { what, timeout }, outcome)
}

/** Whether the request may have run, for all that an error tells. */
export function mayHaveRun(error: unknown): boolean {
  return error instanceof SleuthError && error.mayHaveRun
}
