import type { Peer, ZreNode } from '@sleuth/zre'
import { type Announced, announcedWire, metaOf, nameOf, serviceOf, versionOf } from '../directory/instance.js'
import { metaText, parseMeta } from '../shared/meta.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { isEndpoint } from './format.js'
import type { Description } from './record.js'

/**
 * This node, as others see it by its HELLO. `unreachable`: peers could not connect to it, and answer on its connections.
 * `leaving`: it offers nothing any more.
 */
export function describeSelf(
  { id, name, endpoint }: ZreNode,
  options: CheckedOptions,
  { unreachable, leaving }: { unreachable: boolean; leaving: boolean },
): Description {
  const { version, wire, advertise, security } = options
  const service = leaving ? undefined : options.service
  return {
    id,
    endpoint,
    foreign: false,
    unreachable: unreachable || advertise === false,
    wire,
    service: service ?? '',
    version: service === undefined ? 'unknown' : version,
    name: options.name ?? name,
    publicKey: security?.publicKey ?? '',
    meta: service === undefined ? '' : metaText(options.meta),
  }
}

/**
 * What a peer said about itself in HELLO. Its endpoint, too: members may have found it at different ones, and would never agree on
 * the record of a node that does not correct it.
 */
export function describePeer(peer: Peer, group: string): Description {
  const wire = announcedWire(peer)
  return {
    id: peer.id,
    endpoint: isEndpoint(peer.announced) ? peer.announced : peer.endpoint,
    foreign: wire === 1,
    unreachable: peer.connections === 'theirs',
    wire,
    service: serviceOf(peer, group) ?? '',
    version: versionOf(peer),
    name: nameOf(peer),
    publicKey: peer.publicKey ?? '',
    meta: metaText(metaOf(peer)),
  }
}

/** What a record says of an instance. `wire`: the newest that this node speaks. */
export function announcedBy(record: Description, wire: number): Announced {
  const { id, name, version, endpoint, service, meta } = record
  const instance = Object.freeze({
    id,
    name,
    version,
    endpoint,
    wire: Math.min(record.wire, wire),
    // The decoder has refused a record with nonsense.
    meta: parseMeta(meta) ?? {},
    ready: true,
  })
  return { service, instance }
}
