import { isIPv4 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { ZreError } from '../error.js'

/** The network that a node lives on: one IPv4 address of one interface. */
export interface Network {
  readonly name: string
  readonly address: string
  readonly netmask: string
  readonly broadcast: string
  readonly loopback: boolean
}

/** As `os.networkInterfaces()` gives it. */
export type InterfaceTable = NodeJS.Dict<NetworkInterfaceInfo[]>

/** The interface that was asked for by option or environment; else the first that can broadcast, else loopback. */
export function chooseNetwork(
  asked: string | undefined,
  env: NodeJS.ProcessEnv,
  table: InterfaceTable,
): Network {
  const networks = listNetworks(table)
  const [wanted, source] = wish(asked, env)
  if (wanted === undefined) return networks.find(canBroadcast) ?? loopbackOf(networks)
  if (wanted === 'loopback') return loopbackOf(networks)
  const found = networks.find(({ name, address }) => name === wanted || address === wanted)
  if (found !== undefined) return found
  const known = networks.map(({ name, address }) => `${name} (${address})`).join(', ')
  throw new ZreError(
    'ZRE_INTERFACE',
    `${source} is "${wanted}", and there is no such network interface with an IPv4 address. ` +
      `There are: ${known || 'none'}; "loopback" always works`,
  )
}

/** The network that an interface is on now, or undefined while it has no address. */
export function findNetwork(previous: Network, table: InterfaceTable): Network | undefined {
  const candidates = listNetworks(table).filter(({ name }) => name === previous.name)
  return candidates.find(({ address }) => address === previous.address) ?? candidates[0]
}

/** Whether a host in the network can have an address: it is in its subnet, and neither the first there nor the last (broadcast). */
export function isInSubnet(network: Network, address: string): boolean {
  if (!isIPv4(address)) return false
  const mask = toNumber(network.netmask)
  const [host, subnet] = [toNumber(address), toNumber(network.address) & mask]
  if ((host & mask) !== subnet) return false
  // A network of two addresses (RFC 3021), or of one, has no such.
  return ~mask === 0 || ~mask === 1 || (host !== subnet && host !== (subnet | ~mask))
}

function wish(asked: string | undefined, env: NodeJS.ProcessEnv): [string | undefined, string] {
  if (asked) return [asked, 'the interface option']
  if (env.SLEUTH_INTERFACE) return [env.SLEUTH_INTERFACE, 'SLEUTH_INTERFACE']
  const zsys = env.ZSYS_INTERFACE
  // czmq reads "*" as "whichever".
  return zsys && zsys !== '*' ? [zsys, 'ZSYS_INTERFACE'] : [undefined, '']
}

function listNetworks(table: InterfaceTable): Network[] {
  return Object.entries(table).flatMap(([name, infos = []]) =>
    infos
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, netmask, internal }) => ({
        name,
        address,
        netmask,
        broadcast: toText(toNumber(address) | ~toNumber(netmask)),
        loopback: internal,
      })),
  )
}

/** A subnet of one or two addresses is a point-to-point link: a VPN, a tunnel. */
function canBroadcast({ loopback, netmask }: Network): boolean {
  return !loopback && ~toNumber(netmask) >>> 0 > 1
}

function loopbackOf(networks: Network[]): Network {
  return (
    networks.find(({ loopback }) => loopback) ?? {
      name: 'lo',
      address: '127.0.0.1',
      netmask: '255.0.0.0',
      broadcast: '127.255.255.255',
      loopback: true,
    }
  )
}

function toNumber(address: string): number {
  return address.split('.').reduce((bits, part) => (bits << 8) | Number(part), 0)
}

function toText(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.')
}
