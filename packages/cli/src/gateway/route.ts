import type { Problem } from '../proxy/problem.js'
import { type Authority, parseAuthority, placeOf } from './authority.js'

/** Where a request goes. */
export type Route =
  | {
      readonly type: 'service'
      /** As the client wrote it. */
      readonly service: string
      /** Path and query as the client wrote them, without the service. */
      readonly url: string
      /** `/comment-service`, or `''` if the host names the service. */
      readonly prefix: string
      /** The host under which services have names of their own. */
      readonly root: string
      readonly authority: Authority
    }
  /** What is below `/_sleuth/`. */
  | { readonly type: 'own'; readonly path: string }
  | { readonly type: 'problem'; readonly problem: Problem }

export interface RouteHead {
  readonly url: string
  /** `Host`, as often as it was sent. */
  readonly hosts: readonly string[]
  readonly localAddress: string | undefined
}

/** Finds the service in the host or in the first part of the path. `names`: the names of the gateway itself. */
export function routeOf(head: RouteHead, names: readonly string[]): Route {
  const [host, ...more] = head.hosts
  if (host === undefined || more.length > 0) return bad('the request must have one Host header')
  const target = targetOf(head.url)
  const authority = parseAuthority(target.authority ?? host)
  if (authority === undefined) return bad('the host is not valid')
  const place = placeOf(authority, names, head.localAddress)
  if (place === undefined) return misdirected(authority.name)
  if (target.url === '*') return problem(501, 'ASTERISK', 'send OPTIONS to the path of a service')
  if (!target.url.startsWith('/')) return bad('the path must begin with /')
  const [root = 'localhost'] = names
  if (place !== 'own')
    return {
      type: 'service',
      service: place.service,
      url: target.url,
      prefix: '',
      root: place.host,
      authority,
    }
  const end = endOfName(target.url)
  const service = target.url.slice(1, end)
  if (service === '_sleuth') return { type: 'own', path: target.url.slice(end) }
  const rest = target.url.slice(end)
  const url = rest.startsWith('/') ? rest : `/${rest}`
  return { type: 'service', service, url, prefix: `/${service}`, root, authority }
}

/** The target of a request may be a URL (RFC 9112, section 3.2.2). Its host counts then, and not `Host`. */
function targetOf(url: string): { readonly authority?: string; readonly url: string } {
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(url)
  if (absolute === null) return { url: escaped(url) }
  const rest = escaped(url.slice(absolute[0].length))
  return { authority: absolute[1] as string, url: rest.startsWith('/') ? rest : `/${rest}` }
}

/** Bytes above ASCII stand for themselves. Node gives each as a character of Latin-1. */
function escaped(url: string): string {
  return url.replace(
    /[^\x21-\x7e]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

function endOfName(url: string): number {
  const end = url.slice(1).search(/[/?#]/)
  return end === -1 ? url.length : end + 1
}

function misdirected(name: string): Route {
  return problem(421, 'HOST', `this gateway is not "${name}"; if it should be, start it with --host ${name}`)
}

function bad(detail: string): Route {
  return problem(400, 'BAD_REQUEST', detail)
}

function problem(status: number, code: string, detail: string): Route {
  return { type: 'problem', problem: { status, code, detail } }
}
