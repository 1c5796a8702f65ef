import { type SleuthError, sleuthError } from '../errors.js'
import type { RawHeaders } from '../wire/json.js'
import { errorHeader, handleHeader, type Turned } from '../wire/refusal.js'

const codes = { draining: 'SLEUTH_DRAINING', overloaded: 'SLEUTH_OVERLOADED' } as const

export function isRefusal(why: string | undefined): why is Turned {
  return why === 'draining' || why === 'overloaded'
}

/** No handler was given the request. */
export function refusalError(why: Turned, peer: string, service: string): SleuthError {
  return sleuthError(codes[why], { peer, service }, { retryable: true })
}

/**
 * Whether a reply of the first wire refuses the call. What a handler has copied from elsewhere has another call's handle, if
 * any.
 */
export function refusalIn(code: number, headers: RawHeaders, handle: string): Turned | undefined {
  if (code !== 503 || fieldOf(headers, handleHeader) !== handle) return undefined
  const why = fieldOf(headers, errorHeader)
  return isRefusal(why) ? why : undefined
}

/** Whether sleuth itself answered, since the service closed before its handler had. */
export function isClosedAnswer(code: number, headers: RawHeaders): boolean {
  return code === 503 && fieldOf(headers, errorHeader) === 'closed'
}

function fieldOf(headers: RawHeaders, name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === wanted) return headers[i + 1]
  }
  return undefined
}
