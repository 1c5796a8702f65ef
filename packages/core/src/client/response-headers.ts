import { contentLength, isContentLength, isLength } from '../http/content-length.js'
import { endToEnd, isHopByHop, without } from '../http/hop-by-hop.js'
import { isField, withoutInvalid } from '../http/text.js'
import { type SleuthError, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options.js'

/** The limits for the head of a response: the same as for a request. */
type Limits = Pick<CheckedOptions['limits'], 'headers' | 'headerBytes'>

/** Counts what is thrown away, by reason. */
interface DropCounter {
  dropped(reason: string): void
}

/**
 * The headers of a response as its caller gets them: none that HTTP cannot carry or that is about a connection, and a
 * `content-length` that is true. `length`: that of the body, where it is known. An error for a head that is larger than its
 * caller takes.
 */
export function receivedHeaders(
  headers: string[],
  length: number | undefined,
  limits: Limits,
  counters: DropCounter,
): string[] | SleuthError {
  let bytes = 0
  let lengths = 0
  let isRight = true
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    bytes += name.length + value.length
    if (!isRight) continue
    isRight = isField(name, value) && !isHopByHop(name)
    if (isRight && isContentLength(name))
      isRight = ++lengths === 1 && (length === undefined ? isLength(value) : value === String(length))
  }
  const isTooMany = headers.length > limits.headers * 2
  if (isTooMany || bytes > limits.headerBytes) return headTooLarge(isTooMany, limits, counters)
  return isRight ? headers : sanitized(headers, length, counters)
}

/** The request has run. */
function headTooLarge(isTooMany: boolean, limits: Limits, counters: DropCounter): SleuthError {
  counters.dropped('reply-head')
  const values = {
    what: 'the head of the response',
    limit: isTooMany ? 'headers' : 'headerBytes',
    size: isTooMany ? `${limits.headers} headers` : `${limits.headerBytes} bytes`,
  }
  return sleuthError('SLEUTH_TOO_LARGE', values, { codes: [1007, 934], mayHaveRun: true })
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

// Node keeps the first of these fields and drops the rest (IncomingMessage, matchKnownFields).
const single = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** As `http.IncomingMessage.headers` gives them. */
export function joinHeaders(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  const cookies: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const value = raw[i + 1] as string
    if (name === 'set-cookie') {
      cookies.push(value)
      headers[name] = cookies
      continue
    }
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (name === '__proto__') define(headers, name, before === undefined ? value : `${before}, ${value}`)
    else if (before === undefined) headers[name] = value
    else if (!single.has(name)) headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}

/** An assignment would set the prototype. */
function define(headers: object, name: string, value: string): void {
  Object.defineProperty(headers, name, { value, writable: true, enumerable: true, configurable: true })
}
