import { networkInterfaces } from 'node:os'

/**
 * The address of our endpoint, if this host has it. One that is advertised may be that of a router, which forwards a port to us:
 * no other port there leads here, and none of our connections can begin there.
 */
export function ownAddress(endpoint: string, look = networkInterfaces): string | undefined {
  const address = new URL(endpoint).hostname.replace(/^\[|\]$/g, '')
  // All of this block is our own, though the table has one address of it.
  if (address.startsWith('127.')) return address
  try {
    const ours = Object.values(look()).flat()
    return ours.some((one) => one?.address === address) ? address : undefined
  } catch {
    // To look takes a file descriptor, and none may be left.
    return undefined
  }
}
