import { parseAuthority } from './authority.js'

/** The client's view of the service that answered. */
export interface Seen {
  readonly service: string
  readonly prefix: string
  readonly root: string
  readonly authority: { readonly name: string; readonly port: string }
}

const origin = /^(?:(https?|sleuth):)?\/\//i

/**
 * A redirect as the client can follow it. A service knows neither its prefix nor the gateway's host, so what points to the
 * service itself, or to `sleuth://`, is rewritten. Everything else stays.
 */
export function rewriteLocation(location: string, seen: Seen): string {
  const { service, prefix, root, authority } = seen
  const [head, scheme = ''] = origin.exec(location) ?? []
  if (head === undefined) return location.startsWith('/') ? prefix + location : location
  const end = location.slice(head.length).search(/[/?#]/)
  const hostEnd = end === -1 ? location.length : head.length + end
  const host = location.slice(head.length, hostEnd)
  const rest = location.slice(hostEnd)
  const path = rest.startsWith('/') ? rest : `/${rest}`
  const isSleuth = scheme.toLowerCase() === 'sleuth'
  if (host.toLowerCase() === service.toLowerCase()) return prefix + path
  if (isSleuth && parseAuthority(host) !== undefined)
    return prefix === '' ? `//${host.toLowerCase()}.${root}${authority.port}${path}` : `/${host}${path}`
  // A service that reads x-forwarded-host, and may read x-forwarded-prefix as well.
  const target = parseAuthority(host)
  const isGateway = !isSleuth && target?.name === authority.name && target.port === authority.port
  if (isGateway && prefix !== '' && !isBelow(path, prefix)) return prefix + path
  return location
}

function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && /^(?:[/?#]|$)/.test(path.slice(prefix.length))
}

/** The headers of a response with each `location` rewritten. */
export function rewriteHeaders(headers: readonly string[], seen: Seen): string[] {
  return headers.map((value, at) =>
    at % 2 === 1 && (headers[at - 1] as string).toLowerCase() === 'location'
      ? rewriteLocation(value, seen)
      : value,
  )
}
