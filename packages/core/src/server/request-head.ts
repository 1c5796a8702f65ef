import { METHODS } from 'node:http'
import { contentLength, fieldKind, withoutNamed } from '../http/headers.js'
import { detached, trim } from '../http/text.js'
import { type HeadLimits, headLimits } from '../shared/limits.js'
import type { IncomingRequest } from '../transport/transport.js'
import type { InvalidRequest } from './types.js'

export interface RequestHead {
  method: string
  url: string
  rawHeaders: string[]
  expectsContinue: boolean
  /** The bytes that the head would have as text. */
  size: number
  /** The length of a body that comes later. Undefined if the caller does not tell it, or if the body is here. */
  length: number | undefined
}

/** CONNECT is in Node's list, but there is no connection to hand over. */
const methods = new Set(METHODS.filter((method) => method !== 'CONNECT'))

/** Methods for which HTTP clients send `content-length: 0` when there is no body (RFC 9110, section 8.6). */
const expectsBody = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/**
 * A path, or `*`, in visible ASCII. HTTP servers also take an absolute URL (`http://host/path`), which is for proxies.
 * Routers take the path out of it, so a filter or a middleware that looks at `req.url` would check something else.
 */
const target = /^(?:\/[!-~]*|\*)$/

/** Nearly every target is a path without a fragment, and without what looks like an authority. */
const plainPath = /^\/(?!\/)[!"$-~]*$/

/** Go's URLs with userinfo arrive as `//user:password@/path`: an authority without a host. */
const userinfo = /^\/\/[^/?#]*@(?=[/?#]|$)/

const invalidInValue = /[^\t\x20-\x7e\x80-\xff]/
const padded = /^[\t ]|[\t ]$/
const continues = /(?:^|\W)100-continue(?:$|\W)/i

/**
 * Makes the head that an HTTP client would have sent and that Node's parser would take: the framing fields are true, the
 * host is the service, and there is no fragment and no userinfo. Go's `http.Client` sends userinfo as `Authorization`, but
 * Go's sleuth does not, so it is not made up here either. A request that the parser would answer with 400 is refused, and
 * so is a URL that is neither a path nor `*`.
 */
export function requestHead(
  inbound: IncomingRequest,
  service: string,
  limits: HeadLimits = headLimits,
): RequestHead | InvalidRequest {
  const method = inbound.method || 'GET'
  if (!methods.has(method)) return 'method'
  if (inbound.url.length > limits.url) return 'url-length'
  let { url } = inbound
  if (!plainPath.test(url)) {
    const sent = targetOf(url)
    if (!target.test(sent)) return 'url'
    url = detached(sent, url)
  }

  const { headers, body, more = false } = inbound
  if (headers.length > limits.headers * 2) return 'header-size'
  let rawHeaders = ['Host', service]
  let room = limits.headerBytes
  let expectsContinue = false
  let connection = ''
  let sentLength: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    room -= name.length + value.length
    if (room < 0) return 'header-size'
    const kind = fieldKind(name)
    if (kind === 'invalid') return 'header-name'
    if (invalidInValue.test(value)) return 'header-value'
    switch (kind) {
      case 'connection':
        connection += `,${value}`
        continue
      case 'content-length':
        sentLength = value
        continue
      case 'host':
      case 'hop-by-hop':
      case 'own':
      case 'trailer':
      case 'transfer-encoding':
        continue
      case 'expect':
        if (!continues.test(value)) return 'expectation'
        expectsContinue = true
    }
    rawHeaders.push(name, padded.test(value) ? detached(trim(value, ' \t'), value) : value)
  }
  // It includes the text between names, values and lines: 'GET / HTTP/1.1', 'name: value'.
  const size = method.length + url.length + limits.headerBytes - room + 2 * headers.length + 14
  if (connection !== '') rawHeaders = ['Host', service, ...withoutNamed(rawHeaders.slice(2), connection)]
  if (more) {
    const length = sentLength === undefined ? undefined : contentLength(headers)
    if (length === null) return 'length'
    if (length === undefined) rawHeaders.push('Transfer-Encoding', 'chunked')
    else rawHeaders.push('Content-Length', String(length))
    return { method, url, rawHeaders, expectsContinue, size, length }
  }
  const length = body === null ? 0 : body.length
  if (length > 0 || sentLength === '0' || expectsBody.has(method))
    rawHeaders.push('Content-Length', String(length))
  return { method, url, rawHeaders, expectsContinue, size, length: undefined }
}

function targetOf(sent: string): string {
  let url = sent
  if (url.startsWith('//')) url = url.replace(userinfo, '')
  const fragment = url.indexOf('#')
  if (fragment !== -1) url = url.slice(0, fragment)
  if (url === '' || url[0] === '?') url = `/${url}`
  return url
}
