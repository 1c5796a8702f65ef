import { BlockList, isIPv4 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { ZreError } from '../error.js'
import { bestOf } from './interface-choice.js'
import type { Network } from './network.js'

/** As `os.networkInterfaces()` gives it. */
export type InterfaceTable = NodeJS.Dict<NetworkInterfaceInfo[]>

/** What was asked for, and where. Without a value the choice is automatic. */
export interface Preference {
  readonly value: string | undefined
  readonly source: string
}

/** By option or environment. */
export function preferenceOf(asked: string | undefined, env: NodeJS.ProcessEnv): Preference {
  if (asked) return { value: asked, source: 'the interface option' }
  if (env.SLEUTH_INTERFACE) return { value: env.SLEUTH_INTERFACE, source: 'SLEUTH_INTERFACE' }
  const zsys = env.ZSYS_INTERFACE
  // czmq reads "*" as "whichever".
  return { value: zsys && zsys !== '*' ? zsys : undefined, source: 'ZSYS_INTERFACE' }
}

/** The interface that was asked for; else the first that can broadcast, else loopback. */
export function chooseNetwork({ value, source }: Preference, table: InterfaceTable): Network {
  const networks = listNetworks(table)
  if (value === undefined) return bestOf(networks) ?? loopbackOf(networks)
  if (value === 'loopback') return loopbackOf(networks)
  const inside = subnetOf(value)
  const found = networks.find(({ name, address }) => name === value || address === value || inside?.(address))
  if (found !== undefined) return found
  const known = networks.map(({ name, address }) => `${name} (${address})`).join(', ')
  const missing =
    inside === undefined
      ? 'there is no such network interface with an IPv4 address'
      : 'no network interface has an IPv4 address in it'
  throw new ZreError(
    'ZRE_INTERFACE',
    `${source} is "${value}", and ${missing}. There are: ${known || 'none'}; "loopback" always works`,
  )
}

/** The network that a node belongs on now; undefined while it has to wait for its interface. */
export function findNetwork(
  preference: Preference,
  previous: Network,
  table: InterfaceTable,
): Network | undefined {
  const networks = listNetworks(table)
  const inside = preference.value === undefined ? undefined : subnetOf(preference.value)
  const allowed = inside === undefined ? networks : networks.filter(({ address }) => inside(address))
  const same = allowed.filter(({ name }) => name === previous.name)
  const found = same.find(({ address }) => address === previous.address) ?? same[0]
  return found ?? (inside === undefined ? undefined : allowed[0])
}

/**
 * An automatic choice made anew. Loopback is no choice but the lack of one, so it is left for any other; else only when nobody
 * is found, or the interface is gone.
 */
export function reconsider(previous: Network, table: InterfaceTable, alone: boolean): Network | undefined {
  const found = findNetwork({ value: undefined, source: '' }, previous, table)
  if (found !== undefined && !previous.loopback && !alone) return found
  const best = bestOf(listNetworks(table))
  return best === undefined || best.name === found?.name ? found : best
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

/** What a CIDR block such as `10.0.0.0/8` holds. Undefined for what is none. */
function subnetOf(text: string): ((address: string) => boolean) | undefined {
  const [, base = '', prefix] = /^([\d.]{7,15})\/(\d{1,2})$/.exec(text) ?? []
  if (!isIPv4(base) || Number(prefix) > 32) return undefined
  const block = new BlockList()
  block.addSubnet(base, Number(prefix), 'ipv4')
  return (address) => block.check(address, 'ipv4')
}

/** Each IPv4 address of each interface. */
export function listNetworks(table: InterfaceTable): Network[] {
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
