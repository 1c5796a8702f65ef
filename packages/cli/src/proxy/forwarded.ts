import { isIPv6 } from 'node:net'
import { endToEnd } from '@sleuth/core/adapter'

/** One step of a request on its way through proxies. */
export interface Hop {
  /** The IP address of the client. Undefined: it is not known. */
  readonly client: string | undefined
  /** The host that the client asked for, with the port. */
  readonly host: string
  /** The part of the path that this proxy has taken off, such as `/comment-service`. `''`: none. */
  readonly prefix: string
  /** The name of this proxy in `via`. */
  readonly via: string
  /** What the client says of host and protocol is true: it is a proxy too. */
  readonly trusted: boolean
}

/** The headers of a request as a proxy passes them on: without `host`, and without those of the connection. */
export function forwardedHeaders(given: readonly string[], hop: Hop): string[] {
  const fields: string[] = []
  let addresses = ''
  let elements = ''
  let vias = ''
  const told = new Set<string>()
  const raw = endToEnd(given)
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    const value = raw[i + 1] as string
    const lower = name.toLowerCase()
    if (lower === 'host' || lower === 'expect') continue
    if (lower === 'x-forwarded-for') addresses = joined(addresses, value)
    else if (lower === 'forwarded') elements = joined(elements, value)
    else if (lower === 'via') vias = joined(vias, value)
    else if (!isClaim(lower)) fields.push(name, value)
    else if (hop.trusted) {
      told.add(lower)
      fields.push(name, value)
    }
  }
  fields.push('X-Forwarded-For', joined(addresses, hop.client ?? 'unknown'))
  if (!told.has('x-forwarded-host')) fields.push('X-Forwarded-Host', hop.host)
  if (!told.has('x-forwarded-proto')) fields.push('X-Forwarded-Proto', 'http')
  if (hop.prefix !== '' && !told.has('x-forwarded-prefix')) fields.push('X-Forwarded-Prefix', hop.prefix)
  fields.push('Forwarded', joined(elements, elementOf(hop)), 'Via', joined(vias, `1.1 ${hop.via}`))
  return fields
}

/** Whether the request has been here before, by the name of this proxy in `via`. */
export function isLoop(raw: readonly string[], via: string): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    if ((raw[i] as string).toLowerCase() !== 'via') continue
    for (const step of (raw[i + 1] as string).split(','))
      if (step.trim().split(/[ \t]+/)[1] === via) return true
  }
  return false
}

/** The address of a socket. IPv4 that came in on a socket of IPv6 is written as IPv4. */
export function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Headers by which servers believe a proxy. From anybody else they are a lie. */
function isClaim(lowerName: string): boolean {
  return lowerName.startsWith('x-forwarded-') || lowerName === 'x-real-ip'
}

/** RFC 7239, section 4. An address of IPv6 is in brackets and quotes. */
function elementOf({ client, host }: Hop): string {
  const node = client === undefined ? 'unknown' : isIPv6(client) ? `"[${client}]"` : client
  return `for=${node};host="${host.replace(/["\\]/g, '\\$&')}";proto=http`
}

function joined(list: string, value: string): string {
  return list === '' ? value : `${list}, ${value}`
}
