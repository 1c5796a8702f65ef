import { pageAt } from '@sleuth/core/diagnostics'
import { type InterfaceKind, kindOf, listNetworks, type Network, onlyIPv6 } from '@sleuth/zre/diagnostics'
import { type Check, type Finding, fail, ok, some, warn } from '../check.js'
import type { Context } from '../context.js'
import { type DefaultRoute, defaultRoute } from '../routes.js'

const NAME_IT = 'Set SLEUTH_INTERFACE, or --interface, to the interface that the other machines are on.'

/** Which interface a node uses and why, and which others would do. */
export const networkInterface: Check = {
  name: 'interface',
  async run(context: Pick<Context, 'system' | 'settings' | 'network'>): Promise<Finding[]> {
    const { system, settings, network } = context
    if (network instanceof Error) return [fail(network.message, NAME_IT)]
    const networks = listNetworks(system.interfaces())
    const isAsked = settings.preference.value !== undefined
    const isSeeded = (settings.discovery?.seeds.length ?? 0) > 0
    const findings = isAsked
      ? asked(network, settings.preference.source, isSeeded)
      : automatic(network, networks, onlyIPv6(system.interfaces()))
    if (!isAsked) findings.push(...leftOut(network, networks))
    if (!network.loopback) findings.push(...routed(network, networks, await defaultRoute(system)))
    return findings
  },
}

function asked(network: Network, source: string, isSeeded: boolean): Finding[] {
  const text = `${shown(network)} is used, as ${source} says`
  const kind = kindOf(network)
  if ((kind === 'tunnel' || kind === 'point-to-point') && !isSeeded) {
    return [
      warn(
        `${text}; ${WHAT[kind]}`,
        `Set SLEUTH_SEEDS and SLEUTH_LISTEN on it: see ${pageAt('deploy.md#tailscale-and-wireguard')}`,
      ),
    ]
  }
  return [ok(text)]
}

function automatic(network: Network, networks: readonly Network[], ipv6: readonly string[]): Finding[] {
  const kind = kindOf(network)
  if (kind === 'good') {
    const rivals = networks.filter((other) => kindOf(other) === 'good' && other.name !== network.name)
    const text = `${shown(network)} is used: the first that can broadcast`
    if (rivals.length === 0) return [ok(text)]
    return [warn(`${text}; ${some(rivals.map(shown))} would do as well`, NAME_IT)]
  }
  if (kind !== 'loopback') return [warn(`${shown(network)} is used, and ${WHAT[kind]}`, NAME_IT)]
  if (ipv6.length > 0) {
    return [
      fail(
        `this host has addresses of IPv6 alone (${some(ipv6)}), so nodes are on loopback`,
        'Set SLEUTH_LISTEN to one of them, as [fd00::5]:5670, and SLEUTH_SEEDS.',
      ),
    ]
  }
  const rest = networks.filter((other) => !other.loopback).map(shown)
  const why =
    rest.length > 0 ? `${some(rest)} can't broadcast` : 'there is no other interface with an IPv4 address'
  return [
    fail(
      `nodes are on loopback, and meet nobody on other machines: ${why}`,
      'Connect the machine to a network, or name an interface and set seeds; for one machine alone set SLEUTH_INTERFACE=loopback.',
    ),
  ]
}

/** Interfaces that are no choice by themselves. */
function leftOut(network: Network, networks: readonly Network[]): Finding[] {
  const others = networks.filter((other) => other.name !== network.name && !other.loopback)
  const kinds = new Map<InterfaceKind, string[]>()
  for (const other of others) {
    const kind = kindOf(other)
    if (kind !== 'good') kinds.set(kind, [...(kinds.get(kind) ?? []), shown(other)])
  }
  return [...kinds].map(([kind, names]) =>
    ok(`${some(names)} ${names.length === 1 ? 'is' : 'are'} not used: ${WHAT[kind]}`),
  )
}

/** A VPN that all traffic goes through may cut off the local network. */
function routed(network: Network, networks: readonly Network[], route: DefaultRoute | undefined): Finding[] {
  if (route === undefined || route.interface === network.name) return []
  const through = networks.find(({ name }) => name === route.interface)
  const isTunnel =
    through === undefined
      ? /^(utun|tun|wg|ppp|tailscale)/.test(route.interface)
      : ['tunnel', 'point-to-point'].includes(kindOf(through))
  if (isTunnel) {
    return [
      warn(
        `all other traffic goes through the VPN ${route.interface}, which may cut off ${network.name}`,
        'If nobody is found, allow local networks in the VPN, or name its interface and set seeds.',
      ),
    ]
  }
  if (kindOf(network) === 'good' && through !== undefined && kindOf(through) !== 'good') return []
  return [warn(`${network.name} is used, and the way to other networks is ${route.interface}`, NAME_IT)]
}

const WHAT: Record<InterfaceKind, string> = {
  good: 'it can broadcast',
  inner: 'it belongs to containers or virtual machines of this host, and nobody else is on it',
  'self-assigned': 'its address is self-assigned, because nobody gave it one (169.254.0.0/16)',
  tunnel: 'it is a VPN, and carries no broadcast',
  'point-to-point': 'it is a point-to-point link, and carries no broadcast',
  loopback: 'it is loopback',
}

function shown({ name, address }: Network): string {
  return `${name} (${address})`
}
