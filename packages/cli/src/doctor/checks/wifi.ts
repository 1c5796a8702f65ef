import { isInSubnet } from '@sleuth/zre/diagnostics'
import { type Check, type Finding, warn } from '../check.js'
import type { Context } from '../context.js'
import { peersOf } from '../mesh.js'
import { defaultRoute } from '../routes.js'

/** Wi-Fi that keeps its clients apart: the router answers, and nobody else does. A guess from what the kernel knows. */
export const wifi: Check = {
  name: 'wifi',
  async run({
    system,
    network,
    mesh,
    heard,
  }: Pick<Context, 'system' | 'network' | 'mesh' | 'heard'>): Promise<Finding[]> {
    if (network instanceof Error || network.loopback) return []
    if (!(await isWireless(network.name, system))) return []
    if (peersOf(await mesh()).length > 0 || (await heard()).nodes.length > 0) return []
    const gateway = (await defaultRoute(system))?.gateway
    const neighbours = (await neighboursOf(network.name, system)).filter((address) =>
      isInSubnet(network, address),
    )
    if (gateway === undefined || !neighbours.includes(gateway)) return []
    if (neighbours.some((address) => address !== gateway)) return []
    return [
      warn(
        `${network.name} is Wi-Fi, its router ${gateway} answers, and no other machine was ever heard there`,
        'The access point may keep its clients apart ("AP isolation", guest networks do): use another network, a cable, or a VPN with seeds.',
      ),
    ]
  },
}

async function isWireless(name: string, { platform, read, run }: Context['system']): Promise<boolean> {
  if (platform === 'linux') return ((await read('/proc/net/wireless')) ?? '').includes(`${name}:`)
  if (platform !== 'darwin') return false
  const ports = (await run('networksetup', ['-listallhardwareports'])) ?? ''
  return ports.includes(`Hardware Port: Wi-Fi\nDevice: ${name}\n`)
}

/** Addresses whose hardware address is known: they have answered. */
async function neighboursOf(name: string, { platform, read, run }: Context['system']): Promise<string[]> {
  if (platform === 'linux') {
    const lines = ((await read('/proc/net/arp')) ?? '')
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/))
    return lines.flatMap(([address = '', , flags, , , device]) =>
      device === name && flags === '0x2' ? [address] : [],
    )
  }
  const text = (await run('arp', ['-an', '-i', name])) ?? ''
  return [...text.matchAll(/\(([\d.]{7,15})\) at [0-9a-f]{1,2}:/g)].map(([, address = '']) => address)
}
