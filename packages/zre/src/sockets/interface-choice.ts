import type { Network } from './network.js'

/** Made for the containers and virtual machines of this host: nobody else is on it. */
const INNER = /^(docker|br-|virbr|veth|vmnet|vboxnet|vEthernet|cni|flannel|cali|lxc|lxdbr|podman|zt|tap)/i
/** Layer 3: neither broadcast nor multicast goes through, whatever the netmask says. */
const TUNNEL = /^(tun|utun|wg|tailscale|ppp|ipsec)\d/i

/** What an interface is to a node that was told of none. The first three can broadcast, the best first. */
export type InterfaceKind = 'good' | 'inner' | 'self-assigned' | 'tunnel' | 'point-to-point' | 'loopback'

/** The lower, the likelier that others are there. */
const RANKS: Partial<Record<InterfaceKind, number>> = { good: 0, inner: 1, 'self-assigned': 2 }

/** The one that a node chooses that was told of none. Undefined when none can broadcast. */
export function bestOf(networks: readonly Network[]): Network | undefined {
  let best: Network | undefined
  let least = Number.POSITIVE_INFINITY
  for (const network of networks) {
    const rank = RANKS[kindOf(network)] ?? Number.POSITIVE_INFINITY
    if (rank < least) [best, least] = [network, rank]
  }
  return best
}

export function kindOf({ name, address, netmask, loopback }: Network): InterfaceKind {
  if (loopback) return 'loopback'
  if (TUNNEL.test(name)) return 'tunnel'
  // A subnet of one or two addresses.
  const [, , , last] = netmask.split('.').map(Number)
  if ((last ?? 255) >= 254) return 'point-to-point'
  // What a host gives itself when nobody gives it an address (RFC 3927).
  if (address.startsWith('169.254.')) return 'self-assigned'
  return INNER.test(name) ? 'inner' : 'good'
}
