import { isIPv4 } from 'node:net'

/** Where an inbox is: `tcp://192.168.1.7:49152`. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

export function formatEndpoint(address: string, port: number): string {
  return `tcp://${address}:${port}`
}

/**
 * Only IPv4 literals: a name would have to be looked up, at whatever server the sender of the message chose. Numbers without
 * zeros in front: endpoints are compared as text.
 */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^tcp:\/\/([0-9.]{7,15}):([1-9][0-9]{0,4})$/.exec(text)
  if (match === null) return undefined
  const address = match[1] as string
  const port = Number(match[2])
  if (!isIPv4(address) || port > 0xffff) return undefined
  return { address, port }
}
