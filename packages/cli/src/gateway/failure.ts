import { SleuthError } from '@sleuth/core'
import type { Problem } from '../proxy/problem.js'

/** Statuses that a gateway gives where a client of the library would have an error of its own program. */
const statuses: Readonly<Record<string, number>> = {
  SLEUTH_ARGUMENT: 400,
  SLEUTH_URL: 400,
  SLEUTH_USERINFO: 400,
  SLEUTH_REQUEST_MARSHAL: 400,
  SLEUTH_UPGRADE: 501,
}

/** Another try may go better: these are over soon. */
const passing = new Set([
  'SLEUTH_DRAINING',
  'SLEUTH_NO_MATCH',
  'SLEUTH_OVERLOADED',
  'SLEUTH_REQUEST_WHISPER',
  'SLEUTH_UNKNOWN_SERVICE',
])

/** What to tell a client of a call that failed. */
export function problemOf(error: unknown, service: string): Problem {
  if (error instanceof GatewayError) return { ...error.problem, more: { service, ...error.problem.more } }
  if (!(error instanceof SleuthError))
    return { status: 500, code: 'GATEWAY', detail: 'the gateway failed; its log says how', more: { service } }
  const { code, message, mayHaveRun, retryable } = error
  // Of a request that Node's parser took, nothing else can be wrong with the headers.
  const isHead = code === 'SLEUTH_ARGUMENT' && message.startsWith('headers ')
  // A request that is too large for Go's wire never leaves. A response was too large for what may be kept of it.
  const tooLarge = mayHaveRun ? 502 : 413
  if (code === 'SLEUTH_TOO_LARGE')
    return { status: tooLarge, code, detail: message, more: { service, mayHaveRun, retryable } }
  const status = isHead ? 431 : (statuses[code] ?? error.statusCode)
  const headers = passing.has(code) ? ['Retry-After', '1'] : []
  return { status, code, detail: message, more: { service, mayHaveRun, retryable }, headers }
}

/** Ends a call for a reason of the gateway's own. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** The service took all of the request that there was, and did not answer. */
export function headTimeout(milliseconds: number): GatewayError {
  const detail = `the service did not answer within ${milliseconds} ms; raise --timeout if it needs longer`
  return new GatewayError({ status: 504, code: 'SLEUTH_TIMEOUT', detail, more: { mayHaveRun: true } })
}

/** The client began a body and sent nothing for a while. */
export function uploadStalled(milliseconds: number): GatewayError {
  const detail = `no byte of the body came for ${milliseconds} ms`
  return new GatewayError({ status: 408, code: 'UPLOAD_STALLED', detail, headers: ['Connection', 'close'] })
}

/** The client has hung up: nobody gets this. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}
