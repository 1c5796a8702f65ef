import { isInSubnet, type Network } from '@sleuth/zre/diagnostics'
import { type Check, count, type Finding, ok, some, warn } from '../check.js'
import type { Context } from '../context.js'
import type { HeardNode } from '../heard.js'
import { isMesh, peersOf } from '../mesh.js'

/** Who else beacons: on other ports, on other subnets, with keys where this node has none. */
export const otherNetworks: Check = {
  name: 'other-networks',
  async run({
    settings,
    network,
    heard,
    mesh,
  }: Pick<Context, 'settings' | 'network' | 'heard' | 'mesh'>): Promise<Finding[]> {
    const found = await heard()
    const joined = await mesh()
    const own = isMesh(joined) ? joined.own : new Set<string>()
    const nodes = found.nodes.filter(({ id }) => !own.has(id))
    const here = nodes.filter(({ port }) => port === settings.port)
    const findings = otherPorts(nodes, settings.port)
    if (!(network instanceof Error)) findings.push(...otherSubnets(here, network))
    findings.push(...otherKeys(here, settings.keys !== undefined))
    const strangers = found.strangers.filter(({ port }) => port === settings.port)
    if (strangers.length > 0) {
      const senders = some(strangers.map(({ address }) => address))
      findings.push(
        warn(
          `datagrams that are no beacons come to UDP port ${settings.port}, from ${senders}`,
          'Use another port for the services, or for that program.',
        ),
      )
    }
    const known = peersOf(joined).length
    const seen = [
      `${count(here.length, 'other node')} beacon${here.length === 1 ? 's' : ''} on UDP port ${settings.port}`,
    ]
    if (known > here.length) seen.push(`${count(known, 'node')} ${known === 1 ? 'is' : 'are'} known in all`)
    if (here.length > 0 || known > 0) return [ok(seen.join('; ')), ...findings]
    return [nobody(settings.port), ...findings]
  },
}

function nobody(port: number): Finding {
  return warn(
    `no other node is heard on UDP port ${port}, and none is known`,
    'Start a service; if one runs on another machine, run sleuth doctor --pair <word> on both at the same time.',
  )
}

function otherPorts(nodes: readonly HeardNode[], port: number): Finding[] {
  return [
    ...groupBy(
      nodes.filter((node) => node.port !== port),
      (node) => node.port,
    ),
  ].map(([other, those]) =>
    warn(
      `${count(those.length, 'node')} beacon${those.length === 1 ? 's' : ''} on UDP port ${other}, not on ${port} (${some(those.map(({ address }) => address))})`,
      `If they are yours, use the same port everywhere: --port ${other} here, the option port in the services.`,
    ),
  )
}

function otherSubnets(nodes: readonly HeardNode[], network: Network): Finding[] {
  const off = nodes.filter(({ address }) => !isInSubnet(network, address))
  if (off.length === 0) return []
  return [
    warn(
      `${count(off.length, 'node')} ${off.length === 1 ? 'is' : 'are'} heard from outside the subnet of ${network.name} (${network.address}) and ignored: ${some(off.map(({ address }) => address))}`,
      'Set SLEUTH_INTERFACE to the interface that is on their subnet, or make them seeds.',
    ),
  ]
}

function otherKeys(nodes: readonly HeardNode[], haveKeys: boolean): Finding[] {
  const others = nodes.filter(({ key }) => (key !== undefined) !== haveKeys)
  if (others.length === 0) return []
  const those = `${count(others.length, 'node')} (${some(others.map(({ address }) => address))}) ${others.length === 1 ? 'has' : 'have'}`
  return haveKeys
    ? [
        warn(
          `${those} no keys, and this network has`,
          'Give them keys, by the option security, if they are yours.',
        ),
      ]
    : [warn(`${those} keys, and the doctor has none`, 'Give it keys that they allow: --keys <file>.')]
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
