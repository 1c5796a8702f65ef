import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** Where an inbox is: `tcp://192.168.1.7:49152`, or `tcp://[fd00::7]:49152`. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `tcp://[${address}]:${port}` : `tcp://${address}:${port}`
}

/**
 * Only literal addresses: a name would have to be looked up, at whatever server the sender of the message chose. Endpoints are
 * compared as text, so each has one form: no zeros in front of a number, and IPv6 as RFC 5952 writes it.
 */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^tcp:\/\/(?:([0-9.]{7,15})|\[([0-9a-f:]{2,39})\]):([1-9][0-9]{0,4})$/.exec(text)
  if (match === null) return undefined
  const [, ipv4, ipv6] = match
  const port = Number(match[3])
  if (port > 0xffff) return undefined
  if (ipv4 !== undefined) return isIPv4(ipv4) ? { address: ipv4, port } : undefined
  const address = ipv6 as string
  return canonicalAddress(address) === address ? { address, port } : undefined
}

/** The one form of an address. Undefined for what is none, and for IPv4 in the clothes of IPv6. */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text
  if (!isIPv6(text) || text.includes('%')) return undefined
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  return address.includes('.') ? undefined : address
}
