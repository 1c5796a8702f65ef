import type { Directory } from '../directory/directory.js'
import type { Selector } from '../directory/selector.js'
import { errorHeader, fieldOf, isRejection, type Rejection } from '../http/headers.js'
import { reasonOf, SleuthError, sleuthError } from '../shared/errors.js'
import type { CloseReason, ResetReason } from '../transport/transport.js'
import type { Reply } from './call.js'
import { isIdempotent } from './retry-policy.js'
import type { Target } from './target.js'

interface Known {
  readonly directory: Pick<Directory, 'services'>
  /** Tells what is known instead. */
  known(service: string): string
}

/** The service has no instance, or none that a call may go to. */
export function nobody(
  { directory, known }: Known,
  service: string,
  selector: Selector | undefined,
): SleuthError {
  const { instances } = directory.services().find((one) => one.service === service) ?? { instances: [] }
  if (selector === undefined || instances.length === 0)
    return sleuthError('SLEUTH_UNKNOWN_SERVICE', { service, known: known(service) }, { retryable: true })
  const versions = [...new Set(instances.map(({ version }) => version))].slice(0, 10).join(', ')
  const values = { service, what: selector.says, there: `${instances.length}, of version ${versions}` }
  return sleuthError('SLEUTH_NO_MATCH', values, { codes: [1070, 934], retryable: true })
}

interface TimedCall {
  readonly method: string
  readonly target: Target
  readonly timeout: number
  /** The timeout is that of the request that the call is made for. */
  readonly deadlineInherited: boolean
}

export function timeoutError(call: TimedCall, mayHaveRun: boolean): SleuthError {
  const { method, target, timeout, deadlineInherited } = call
  const whose = deadlineInherited ? ' (bound by the request that it is made for)' : ''
  const what = `${method} sleuth://${target.service}${target.url}${whose}`
  const outcome = { retryable: !mayHaveRun || isIdempotent(method), mayHaveRun }
  return sleuthError(
    'SLEUTH_TIMEOUT',
    { what, timeout, hint: 'raise the timeout if it needs longer' },
    outcome,
  )
}

/** Whether sleuth itself made the response, because the service closed before its handler responded. */
export function isClosedAnswer({ code, headers, body }: Reply): boolean {
  return code === 503 && Buffer.isBuffer(body) && fieldOf(headers, errorHeader) === 'closed'
}

/** Whether an error tells that the request may have run. */
export function mayHaveRun(error: unknown): boolean {
  return error instanceof SleuthError && error.mayHaveRun
}

/** The error for a request body that could not be read. */
export function bodyError(error: unknown, mayHaveRun = false): unknown {
  if (error instanceof SleuthError) {
    const { code, message, codes } = error
    return mayHaveRun ? new SleuthError(code, message, { codes, mayHaveRun, cause: error }) : error
  }
  const more = { codes: [925, 934], mayHaveRun, cause: error }
  return sleuthError('SLEUTH_REQUEST_MARSHAL', { why: reasonOf(error) }, more)
}

/** The facts about an attempt that decide its error. */
interface FailedAttempt {
  /** The name of the instance. */
  readonly peer: string
  readonly service: string
  readonly method: string
  /** The head of the response had come. */
  readonly answered: boolean
  /** The request had left. */
  readonly sent: boolean
}

interface Failure {
  readonly error: unknown
  /** The instance failed, and another one may do better. */
  readonly retryElsewhere: boolean
}

/** The error for an attempt that ended before its response was complete. */
export function failureOf(reason: CloseReason, attempt: FailedAttempt): Failure {
  if (reason.type === 'body') return { error: bodyError(reason.error, attempt.sent), retryElsewhere: false }
  if (reason.type === 'reset' && isRejection(reason.why) && !attempt.answered)
    return { error: rejectionError(reason.why, attempt), retryElsewhere: true }
  return { error: closeError(reason, attempt), retryElsewhere: isRetriedElsewhere(reason) }
}

const codes = { draining: 'SLEUTH_DRAINING', overloaded: 'SLEUTH_OVERLOADED' } as const

/** No handler got the request. */
function rejectionError(why: Rejection, { peer, service }: FailedAttempt): SleuthError {
  return sleuthError(codes[why], { peer, service }, { retryable: true })
}

/** A handler that failed would fail again elsewhere. */
function isRetriedElsewhere(reason: CloseReason): boolean {
  if (reason.type !== 'reset') return reason.type !== 'closed'
  return reason.why === 'closed' || reason.why === 'lost' || reason.why === 'protocol'
}

const reasons: Record<ResetReason, string> = {
  cancelled: 'it cancelled the call',
  destroyed: 'its handler destroyed the request or the response',
  failed: 'its handler failed after the response had begun',
  timeout: 'its handler did not answer in time',
  closed: 'it closed',
  protocol: 'a protocol error occurred',
  lost: 'a part of the call could not be sent',
  draining: 'it is shutting down',
  overloaded: 'it is at capacity',
}

function closeError(
  reason: Exclude<CloseReason, { type: 'body' }>,
  { peer, service, method, sent }: FailedAttempt,
): SleuthError {
  const outcome = { retryable: !sent || isIdempotent(method), mayHaveRun: sent }
  const cut = (why: string, cause?: unknown) =>
    sleuthError('SLEUTH_CUT', { peer, service, why }, { ...outcome, cause })
  switch (reason.type) {
    case 'reset':
      return cut(reasons[reason.why])
    case 'gone':
      return sleuthError('SLEUTH_PEER_GONE', { peer, service, reason: reason.reason }, outcome)
    case 'unsent': {
      if (sent) return cut(reasons.lost, reason.error)
      const values = { peer, why: reasonOf(reason.error) }
      return sleuthError('SLEUTH_REQUEST_WHISPER', values, { ...outcome, cause: reason.error })
    }
    case 'closed':
      return sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 934], mayHaveRun: sent })
  }
}
