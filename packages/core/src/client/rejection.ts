import { without } from '../http/hop-by-hop.js'
import { errorHeader, fieldOf, handleHeader, isOwnHeader, type Rejection } from '../http/own-headers.js'
import type { RawHeaders } from '../http/text.js'
import { type SleuthError, sleuthError } from '../shared/errors.js'

const codes = { draining: 'SLEUTH_DRAINING', overloaded: 'SLEUTH_OVERLOADED' } as const

export function isRefusal(why: string | undefined): why is Rejection {
  return why === 'draining' || why === 'overloaded'
}

/** No handler was given the request. */
export function refusalError(why: Rejection, peer: string, service: string): SleuthError {
  return sleuthError(codes[why], { peer, service }, { retryable: true })
}

/**
 * Whether a reply of the first wire refuses the call. What a handler has copied from elsewhere has another call's handle, if
 * any.
 */
export function refusalIn(code: number, headers: RawHeaders, handle: string): Rejection | undefined {
  if (code !== 503 || fieldOf(headers, handleHeader) !== handle) return undefined
  const why = fieldOf(headers, errorHeader)
  return isRefusal(why) ? why : undefined
}

/**
 * The headers of a reply of the first wire without what it says in sleuth's name, unless it is sleuth that says so: a service
 * of Go's may write what it likes.
 */
export function believedHeaders(headers: RawHeaders, handle: string): RawHeaders {
  if (!headers.some((name, place) => place % 2 === 0 && isOwnHeader(name))) return headers
  if (fieldOf(headers, handleHeader) !== handle) return without(headers, isOwnHeader)
  return without(headers, (name) => name.toLowerCase() === handleHeader.toLowerCase())
}

/** Whether sleuth itself answered, since the service closed before its handler had. */
export function isClosedAnswer(code: number, headers: RawHeaders): boolean {
  return code === 503 && fieldOf(headers, errorHeader) === 'closed'
}
