import type { IncomingMessage } from 'node:http'
import { type SleuthError, sleuthError } from '../shared/errors.js'

/** Why a body that nobody has read yet can not be read any more. */
export function lateError(req: IncomingMessage): SleuthError | undefined {
  if (req.readableEnded) return goneError(req)
  return req.destroyed ? cutError(req, req.errored) : undefined
}

export function goneError(req: IncomingMessage): SleuthError {
  return bodyError(req, 'the response is over, and what was not read by then is gone')
}

export function cutError(req: IncomingMessage, cause?: unknown): SleuthError {
  return bodyError(
    req,
    'the caller hung up, or the request was aborted, before it was read to its end',
    cause,
  )
}

function bodyError({ method = '', url = '' }: IncomingMessage, why: string, cause?: unknown): SleuthError {
  return sleuthError('SLEUTH_REQUEST_BODY', { method, url, why }, { cause: cause ?? undefined })
}
