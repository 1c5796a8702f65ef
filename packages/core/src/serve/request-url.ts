import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

/** In place of a host that no URL can hold, as the name of a service may be. Handlers route by the path. */
const ANY_HOST = 'localhost'

/** A host without a port that a URL leaves as it is. It does not look like an IPv4 address or like Punycode. */
const plainHost = /^(?!xn--)[a-z](?:[a-z\d-]*[a-z\d])?$/
/** A path and a query that a URL leaves as they are. */
const plainPath = /^(?!.*\/(?:\.|%2e))[\w\-./~!$&()*+,;=:@%?]*$/i

/** In a path. A URL makes a slash of it, so a router would see another path than a filter that looks at `url`. */
const backslash = /^[^?]*\\/

/** The absolute URL of a request, as `Request` writes it, or undefined if its target is none. */
export function urlOf({ url = '/', headers, socket }: IncomingMessage): string | undefined {
  const scheme = (socket as Partial<TLSSocket>).encrypted ? 'https' : 'http'
  const path = url === '*' ? '/*' : url
  // An absolute target is for proxies: the path of the URL would be something that the router did not see.
  if (!path.startsWith('/')) return undefined
  const host = headers.host ?? (headers[':authority'] as string | undefined) ?? ANY_HOST
  if (plainHost.test(host) && plainPath.test(path)) return `${scheme}://${host}${path}`
  if (backslash.test(path)) return undefined
  return parsed(`${scheme}://${host}`, path) ?? parsed(`${scheme}://${ANY_HOST}`, path)
}

function parsed(origin: string, path: string): string | undefined {
  try {
    const url = new URL(origin + path)
    // A host with a slash, or with a name and a password, would move the path.
    return new URL(origin).href === `${url.origin}/` ? url.href : undefined
  } catch {
    return undefined
  }
}
