import { contentLength, isContentLength, isLength } from '../http/content-length.js'
import { endToEnd, isHopByHop, without } from '../http/hop-by-hop.js'
import { isField, withoutInvalid } from '../http/text.js'
import { type SleuthError, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options.js'

/** What the head of an answer may be: as that of a request. */
type Limits = Pick<CheckedOptions['limits'], 'headers' | 'headerBytes'>

/** Counts what is thrown away, by reason. */
interface DropCounter {
  dropped(reason: string): void
}

/** The error for an answer whose head is larger than its caller takes. It has run. */
export function headError(
  headers: readonly string[],
  limits: Limits,
  counters: DropCounter,
): SleuthError | undefined {
  let bytes = 0
  for (let i = 0; i < headers.length; i++) bytes += (headers[i] as string).length
  const tooMany = headers.length > limits.headers * 2
  if (!tooMany && bytes <= limits.headerBytes) return undefined
  counters.dropped('reply-head')
  const limit = tooMany ? 'headers' : 'headerBytes'
  const values = {
    what: 'the head of the response',
    limit,
    size: tooMany ? `${limits.headers} headers` : `${limits.headerBytes} bytes`,
  }
  return sleuthError('SLEUTH_TOO_LARGE', values, { codes: [1007, 934], mayHaveRun: true })
}

/**
 * The headers of a reply as its caller gets them: none that HTTP could not carry or that is about a connection, and a
 * `content-length` that is true. `length`: that of the body, where it is known.
 */
export function receivedHeaders(
  headers: string[],
  length: number | undefined,
  counters: DropCounter,
): string[] {
  let lengths = 0
  let isRight = true
  for (let i = 0; isRight && i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    isRight = isField(name, value) && !isHopByHop(name)
    if (isRight && isContentLength(name))
      isRight = ++lengths === 1 && (length === undefined ? isLength(value) : value === String(length))
  }
  return isRight ? headers : sanitized(headers, length, counters)
}

function sanitized(headers: string[], length: number | undefined, counters: DropCounter): string[] {
  const valid = withoutInvalid(headers)
  if (valid.length < headers.length) counters.dropped('reply-header')
  const carried = endToEnd(valid)
  const said = contentLength(carried)
  if (said === length || said === undefined) return carried
  if (length === undefined && said !== null) return carried
  const others = without(carried, isContentLength)
  return length === undefined ? others : [...others, 'Content-Length', String(length)]
}

/** Whether the body is as long as `content-length` says: to HEAD, and with these, that is the length of another one. */
export function isMeasured(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}
