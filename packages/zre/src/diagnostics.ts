/** For tools that look at a network from outside, as `sleuth doctor` does. No public API: it may change in any release. */

export { HostFolder } from './discovery/host-folder.js'
export { type Candidate, resolveSeed, systemResolver } from './discovery/resolve.js'
export { parseSeed, type Seed } from './discovery/seed.js'
export { parseSeedLines, readSeedFile } from './discovery/seed-file.js'
export { checkDiscovery, type DiscoverySettings } from './discovery/settings.js'
export { MULTICAST_GROUP } from './sockets/beacon-socket.js'
export { EndpointAsker } from './sockets/endpoint-asker.js'
export { ipv4HostOf } from './sockets/inbox-binding.js'
export {
  chooseNetwork,
  type InterfaceTable,
  isInSubnet,
  listNetworks,
  type Preference,
  preferenceOf,
} from './sockets/interface.js'
export { type InterfaceKind, kindOf } from './sockets/interface-choice.js'
export { onlyIPv6 } from './sockets/ipv6.js'
export type { Network } from './sockets/network.js'
export { zeromq } from './sockets/zeromq.js'
export { decodeBeacon, decodeKeyBeacon, encodeBeacon, encodeKeyBeacon } from './wire/beacon.js'
export { parseEndpoint } from './wire/endpoint.js'
