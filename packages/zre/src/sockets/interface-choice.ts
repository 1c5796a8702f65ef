import type { Network } from './network.js'

/** Made for the containers and virtual machines of this host: nobody else is on it. */
const INNER = /^(docker|br-|virbr|veth|vmnet|vboxnet|vEthernet|cni|flannel|cali|lxc|lxdbr|podman|zt|tap)/i
/** Layer 3: neither broadcast nor multicast goes through, whatever the netmask says. */
const TUNNEL = /^(tun|utun|wg|tailscale|ppp|ipsec)\d/i

/** The one that a node chooses that was told of none. Undefined when none can broadcast. */
export function bestOf(networks: readonly Network[]): Network | undefined {
  let best: Network | undefined
  for (const network of networks) {
    if (canBroadcast(network) && (best === undefined || rankOf(network) < rankOf(best))) best = network
  }
  return best
}

/** A subnet of one or two addresses is a point-to-point link. */
function canBroadcast({ name, loopback, netmask }: Network): boolean {
  if (loopback || TUNNEL.test(name)) return false
  const [, , , last] = netmask.split('.').map(Number)
  return (last ?? 255) < 254
}

/** The lower, the likelier that others are there. */
function rankOf({ name, address }: Network): number {
  // What a host gives itself when nobody gives it an address (RFC 3927).
  if (address.startsWith('169.254.')) return 2
  return INNER.test(name) ? 1 : 0
}
