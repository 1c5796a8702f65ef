import { BlockList, isIPv6 } from 'node:net'
import type { InterfaceTable } from './interface.js'

/** Whether a socket needs IPv6 to connect or bind there. One that has it takes IPv4 by a detour, so others do without. */
export function isIPv6Endpoint(endpoint: string): boolean {
  return endpoint.startsWith('tcp://[')
}

/** The block of the interface that has this address. Undefined if it is no address of IPv6, or none of ours. */
export function ipv6SubnetOf(address: string | undefined, table: InterfaceTable): BlockList | undefined {
  if (address === undefined || !isIPv6(address)) return undefined
  for (const { address: own, cidr } of Object.values(table).flatMap((infos = []) => infos)) {
    if (own !== address || cidr === null) continue
    const block = new BlockList()
    block.addSubnet(address, Number(cidr.slice(cidr.indexOf('/') + 1)), 'ipv6')
    return block
  }
  return undefined
}

/** Addresses by which other hosts reach this one, if it has no such of IPv4. */
export function onlyIPv6(table: InterfaceTable): string[] {
  const infos = Object.values(table).flatMap((list = []) => list.filter(({ internal }) => !internal))
  if (infos.some(({ family }) => family === 'IPv4')) return []
  return infos.map(({ address }) => address).filter((address) => !address.startsWith('fe80:'))
}
