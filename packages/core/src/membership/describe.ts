import type { Peer, ZreNode } from '@sleuth/zre'
import { announcedWire, nameOf, serviceOf, versionOf } from '../directory/instance.js'
import type { CheckedOptions } from '../shared/options.js'
import type { Description } from './record.js'

/** This node, as others see it by its HELLO. */
export function describeSelf({ id, name, endpoint }: ZreNode, options: CheckedOptions): Description {
  const { service, version, wire, security } = options
  return {
    id,
    endpoint,
    foreign: false,
    wire,
    service: service ?? '',
    version: service === undefined ? 'unknown' : version,
    name: options.name ?? name,
    publicKey: security?.publicKey ?? '',
  }
}

/** What a peer said about itself in HELLO. */
export function describePeer(peer: Peer, group: string): Description {
  const wire = announcedWire(peer)
  return {
    id: peer.id,
    endpoint: peer.endpoint,
    foreign: wire === 1,
    wire,
    service: serviceOf(peer, group) ?? '',
    version: versionOf(peer),
    name: nameOf(peer),
    publicKey: peer.publicKey ?? '',
  }
}
