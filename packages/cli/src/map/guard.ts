// Who may see the map: pure checks of a request, before anything is answered.

import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

export interface Asked {
  readonly method: string
  readonly host: string | undefined
  /** The address that the request came to. */
  readonly address: string | undefined
  /** It came through a proxy, so that its client may be anywhere. */
  readonly isForwarded: boolean
  /** `sec-fetch-site`, which browsers set and pages can't. */
  readonly site: string | undefined
  /** `sec-fetch-mode`: `navigate` if somebody follows a link. */
  readonly mode: string | undefined
  readonly authorization: string | undefined
  readonly cookie: string | undefined
  /** The token in the URL. */
  readonly token: string | undefined
}

export interface Rules {
  /** Host names that the map is asked by, beside `localhost` and addresses. */
  readonly hosts: readonly string[]
  readonly token: string | undefined
}

export interface Refusal {
  readonly status: 403 | 405 | 421 | 401
  readonly words: string
}

export const COOKIE = 'sleuth-map'

/** Undefined: let it in. `enter`: let it in, and remember it by a cookie. */
export function check(asked: Asked, { hosts, token }: Rules): Refusal | 'enter' | undefined {
  if (asked.method !== 'GET' && asked.method !== 'HEAD') {
    return { status: 405, words: 'The map can only be read: use GET.' }
  }
  // A page of another site may have its own name lead to this address (DNS rebinding). Its name gives it away.
  if (!isOwnHost(asked.host, hosts)) {
    return { status: 421, words: 'The map does not go by this host name. Use its address, or localhost.' }
  }
  if (asked.site === 'cross-site' && asked.mode !== 'navigate')
    return { status: 403, words: 'Another site may not read the map.' }
  if (token === undefined) {
    if (isLoopback(asked.address) && !asked.isForwarded) return undefined
    return { status: 403, words: 'Other machines may see the map only with a token: set SLEUTH_MAP_TOKEN.' }
  }
  if (asked.token !== undefined && equal(asked.token, token)) return 'enter'
  if (
    equal(bearerOf(asked.authorization), token) ||
    cookiesOf(asked.cookie).some((value) => equal(value, cookieOf(token)))
  ) {
    return undefined
  }
  return { status: 401, words: 'The map needs its token: open the address that “sleuth map” printed.' }
}

/** The cookie does not hold the token itself. */
export function cookieOf(token: string): string {
  return createHash('sha256').update(`sleuth-map ${token}`).digest('base64url')
}

function isOwnHost(host: string | undefined, hosts: readonly string[]): boolean {
  if (host === undefined) return false
  const name = nameOf(host.toLowerCase())
  if (name === 'localhost' || name.endsWith('.localhost') || hosts.includes(name)) return true
  return isIP(name.startsWith('[') ? name.slice(1, -1) : name) !== 0
}

/** Without the port, and without the dot that ends a full name. */
function nameOf(host: string): string {
  const colon = host.lastIndexOf(':')
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host
  return name.endsWith('.') ? name.slice(0, -1) : name
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (/^(::ffff:)?127\./.test(address) || address === '::1')
}

function bearerOf(header = ''): string {
  return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? ''
}

function cookiesOf(header = ''): string[] {
  return header
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === COOKIE)
    .map(([, value = '']) => value)
}

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
