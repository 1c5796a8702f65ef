import { token } from '../http/canonical.js'
import { contentLength, isContentLength } from '../http/content-length.js'
import { endToEnd, isConnection, isHopByHop, without } from '../http/hop-by-hop.js'
import type { RawHeaders } from '../http/text.js'
import { sleuthError } from '../shared/errors.js'
import { isStreamed, type ReadBody, type Streamed } from './body.js'
import { announce } from './content-length-check.js'
import { product } from './user-agent.js'

const upgrades = /(?:^|[\s,])upgrade(?:$|[\s,])/i

/** Throws for a method that is none, and for what asks for a connection of its own: there is none to hand over. */
export function checkMethod(method: unknown): void {
  if (typeof method !== 'string' || !token.test(method)) {
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'method',
      problem: 'must be an HTTP method such as GET',
    })
  }
  if (method.length === 7 && method.toUpperCase() === 'CONNECT') throw notCarried('the method CONNECT')
}

/**
 * The headers as they travel: without those about a connection, without `host`, which is the service, and with a
 * `content-length` only where it is true. A stream of a length that nobody else knows must come to what it says. As
 * with `fetch`, `accept` and `user-agent` are added if the caller gives none. May change and return the list given.
 */
export function carriedHeaders(given: RawHeaders, body: ReadBody | Streamed): RawHeaders {
  const length = isStreamed(body) ? body.length : body.bytes.length
  let connected = false
  let isOut = false
  let lengths = 0
  let accepts = false
  let named = false
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i] as string
    if (isHopByHop(name)) {
      checkUpgrade(name, given[i + 1] as string)
      connected = true
    } else if (isHost(name)) isOut = true
    else if (isContentLength(name) && (++lengths > 1 || given[i + 1] !== String(length))) isOut = true
    else if (isNamed(name, 'accept')) accepts = true
    else if (isNamed(name, 'user-agent')) named = true
  }
  let headers = connected ? endToEnd(given) : given
  if (isOut) {
    if (isStreamed(body) && length === undefined) announceBy(headers, body)
    headers = without(headers, (name) => isHost(name) || isContentLength(name))
  }
  if (!accepts) headers.push('accept', '*/*')
  if (!named) headers.push('user-agent', product)
  return headers
}

function isNamed(name: string, lower: string): boolean {
  return name.length === lower.length && name.toLowerCase() === lower
}

function isHost(name: string): boolean {
  return isNamed(name, 'host')
}

function announceBy(headers: RawHeaders, body: Streamed): void {
  const length = contentLength(headers)
  if (length === undefined) return
  if (length !== null) {
    announce(body, length)
    return
  }
  throw sleuthError('SLEUTH_ARGUMENT', {
    argument: 'headers',
    problem: 'must have one content-length at most, in digits',
  })
}

function checkUpgrade(name: string, value: string): void {
  if (name.length === 7 && name.toLowerCase() === 'upgrade') throw notCarried('the header upgrade')
  if (isConnection(name) && upgrades.test(value)) throw notCarried('the header connection: upgrade')
}

function notCarried(what: string) {
  return sleuthError('SLEUTH_UPGRADE', { what })
}
