import { METHODS } from 'node:http'
import { isHopByHop } from './hop-by-hop.js'
import type { Inbound, Refusal } from './types.js'

export interface RequestHead {
  method: string
  url: string
  rawHeaders: string[]
  expectsContinue: boolean
}

/** CONNECT is in Node's list, but what it asks for can't be had here. */
const methods = new Set(METHODS.filter((method) => method !== 'CONNECT'))

export interface HeadLimits {
  /** Characters of the URL. */
  readonly url: number
  /** How many headers. */
  readonly headers: number
  /** Characters of their names and values together. */
  readonly headerBytes: number
}

/** Node's own count of headers; four times as much of a URL, and of headers, as it takes by default. */
export const headLimits: HeadLimits = { url: 16 * 1024, headers: 2000, headerBytes: 64 * 1024 }

/** Methods for which HTTP clients send `content-length: 0` when there is no body (RFC 9110, section 8.6). */
const expectsBody = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/**
 * What Node's parser takes: visible ASCII, as a path, `*`, or an absolute form whose authority is well
 * formed.
 */
const target = /^(?:[/*]|[a-z]+:\/\/(?![^/?]*@@)[\w.!~*'()%;:&=+$,@[\]-]*(?:[/?]|$))[!-~]*$/i

/** Go's URLs with userinfo arrive as `//user:password@/path`: an authority without a host. */
const userinfo = /^\/\/[^/?#]*@(?=[/?#]|$)/

const token = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/
const invalidInValue = /[^\t\x20-\x7e\x80-\xff]/
const continues = /(?:^|\W)100-continue(?:$|\W)/i
const padding = /^[\t ]+|[\t ]+$/g

/**
 * Makes of a decoded request what an HTTP client would have sent and Node's parser let pass: framing fields
 * that are true, a host, no fragment, no userinfo. (Go's `http.Client` would send userinfo as
 * `Authorization`; its sleuth does not, so neither is one made up here.) Anything that the parser would
 * answer with 400 is refused.
 */
export function requestHead(
  inbound: Inbound,
  service: string,
  limits: HeadLimits = headLimits,
): RequestHead | Refusal {
  const method = inbound.method || 'GET'
  if (!methods.has(method)) return 'method'
  if (inbound.url.length > limits.url) return 'url-length'
  const url = targetOf(inbound.url)
  if (!target.test(url)) return 'url'

  const { headers, body, more = false } = inbound
  if (headers.length > limits.headers * 2) return 'header-size'
  const rawHeaders: string[] = []
  let room = limits.headerBytes
  let host = false
  let expectsContinue = false
  let sentLength: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    room -= name.length + value.length
    if (room < 0) return 'header-size'
    if (!token.test(name)) return 'header-name'
    if (invalidInValue.test(value)) return 'header-value'
    if (isHopByHop(name) || (name.length === 7 && name.toLowerCase() === 'trailer')) continue
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      sentLength = value
      continue
    }
    if (name.length === 4 && name.toLowerCase() === 'host') host = true
    if (name.length === 6 && name.toLowerCase() === 'expect') {
      if (!continues.test(value)) return 'expectation'
      expectsContinue = true
    }
    rawHeaders.push(name, trim(value))
  }
  if (!host) rawHeaders.unshift('Host', service)
  if (more) {
    // What follows is counted by nobody here: the caller's word for it is as good as over HTTP.
    if (sentLength !== undefined && /^[0-9]+$/.test(sentLength)) rawHeaders.push('Content-Length', sentLength)
    else rawHeaders.push('Transfer-Encoding', 'chunked')
    return { method, url, rawHeaders, expectsContinue }
  }
  const length = body === null ? 0 : body.length
  if (length > 0 || sentLength === '0' || expectsBody.has(method))
    rawHeaders.push('Content-Length', String(length))
  return { method, url, rawHeaders, expectsContinue }
}

function targetOf(sent: string): string {
  let url = sent
  if (url.startsWith('//')) url = url.replace(userinfo, '')
  const fragment = url.indexOf('#')
  if (fragment !== -1) url = url.slice(0, fragment)
  if (url === '' || url[0] === '?') url = `/${url}`
  return url
}

function trim(value: string): string {
  return isPadding(value.charCodeAt(0)) || isPadding(value.charCodeAt(value.length - 1))
    ? value.replace(padding, '')
    : value
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0x09
}
