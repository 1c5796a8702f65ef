import { isIP } from 'node:net'

/** A host as it stands in `Host`. */
export interface Authority {
  /** In lower case, without the brackets of IPv6 and without a dot at the end. */
  readonly name: string
  /** `:8080`, or `''`. */
  readonly port: string
}

const form = /^(\[[0-9a-f:.]+\]|[a-z0-9!$&'()*+,;=._~-]+)(:\d{0,5})?$/i

export function parseAuthority(text: string): Authority | undefined {
  const [, host, port = ''] = form.exec(text) ?? []
  if (host === undefined) return undefined
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (host.startsWith('[') && isIP(name) !== 6) return undefined
  return { name: name.replace(/\.$/, ''), port: port === ':' ? '' : port }
}

/**
 * Whether a host is the gateway itself, `own`, or stands for one of its services. A page of a stranger can let a name of its
 * own point to this machine (DNS rebinding), but no name that is listed here, and no address.
 */
export function placeOf(
  { name }: Authority,
  hosts: readonly string[],
  localAddress: string | undefined,
): { readonly service: string; readonly host: string } | 'own' | undefined {
  if (isIP(name) !== 0) return isLoopback(name) || name === localAddress ? 'own' : undefined
  for (const host of hosts) if (name === host) return 'own'
  for (const host of hosts) {
    const end = name.length - host.length - 1
    if (end > 0 && name.endsWith(host) && name[end] === '.') return { service: name.slice(0, end), host }
  }
  return undefined
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^127(?:\.\d+){3}$/.test(address)
}
