import type { Peer } from '@sleuth/zre'
import { sleuthError } from '../shared/errors.js'
import { type Meta, metaText, parseMeta } from '../shared/meta.js'
import { isLabel, isServiceName } from '../shared/names.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Instance } from '../types.js'

/** The header with a name for people. Go peers use the node's own name as a key, so that name stays unique. */
const nameHeader = 'sleuth-name'

/** The header with the newest wire that a node speaks. Go sleuth does not send it, and is known by that. */
const wireHeader = 'sleuth-wire'

/** The header with the labels of an instance, as JSON. */
const metaHeader = 'sleuth-meta'

/** The newest wire that a record can name. */
const MAX_WIRE = 255

/** The headers that a node sends each peer in HELLO (sleuth.go, newNode). A client-only node sends none of Go's four. */
export function announcement(options: CheckedOptions): (id: string) => Record<string, string> {
  const { group, service, version, name, wire, meta } = options
  const labels = service === undefined ? '' : metaText(meta)
  return (id) => ({
    ...(service !== undefined && { group, node: id, type: service, version }),
    ...(name !== undefined && { [nameHeader]: name }),
    ...(labels !== '' && { [metaHeader]: labels }),
    [wireHeader]: String(wire),
  })
}

/** The newest wire that a peer speaks. */
export function announcedWire(peer: Peer): number {
  const wire = Number(peer.headers.get(wireHeader))
  return Number.isInteger(wire) && wire > 1 ? Math.min(wire, MAX_WIRE) : 1
}

/** The newest wire that both ends speak. */
function wireOf(peer: Peer, ours: number): number {
  return Math.min(announcedWire(peer), ours)
}

export function isGo(peer: Peer): boolean {
  return !peer.headers.has(wireHeader)
}

/** The options that decide how a node reads what peers announce. */
export interface Network {
  readonly group: string
  /** The newest wire that this node speaks. */
  readonly wire: number
}

/** A service, and an instance that offers it. */
export interface Announced {
  readonly service: string
  readonly instance: Instance
}

/** Whether two descriptions of an instance say the same. */
export function isSame(one: Instance, other: Instance): boolean {
  return (
    one.endpoint === other.endpoint &&
    one.version === other.version &&
    one.name === other.name &&
    one.wire === other.wire &&
    metaText(one.meta) === metaText(other.meta)
  )
}

/** A peer's name for people. If it has none, or one that can't be shown, it is the first digits of its id. */
export function nameOf({ headers, name, id }: Peer): string {
  const said = headers.get(nameHeader) ?? name
  return isLabel(said) ? said : id.slice(0, 6)
}

export function versionOf({ headers }: Peer): string {
  const said = headers.get('version')
  return said !== undefined && isLabel(said) ? said : 'unknown'
}

/** The labels of a peer. One that announces none, or nonsense, has none. */
export function metaOf(peer: Peer): Meta {
  return announcedMeta(peer) ?? noMeta
}

/** Undefined for nonsense. */
export function announcedMeta({ headers }: Peer): Meta | undefined {
  return parseMeta(headers.get(metaHeader) ?? '')
}

const noMeta: Meta = Object.freeze({})

/** The service that a peer offers in the group. Undefined for a client-only peer, and for half an announcement. */
export function serviceOf({ headers }: Peer, group: string): string | undefined {
  if (headers.get('group') !== group || !headers.get('node')) return undefined
  const service = headers.get('type')
  return service !== undefined && isServiceName(service) ? service : undefined
}

/**
 * The service that a peer offers in the group. Undefined for a client-only peer. Throws 924 (client.go, add) for half an
 * announcement, and for a service that nobody could call.
 */
export function readAnnouncement(peer: Peer, { group, wire }: Network): Announced | undefined {
  const { headers } = peer
  if (headers.get('group') !== group) return undefined
  const node = headers.get('node') ?? ''
  const service = headers.get('type') ?? ''
  const problem = problemOf(service, node)
  if (problem !== undefined) {
    throw sleuthError('SLEUTH_ADD', { problem, peer: peer.id, name: peer.name, service, node })
  }
  const instance = Object.freeze({
    id: peer.id,
    name: nameOf(peer),
    version: versionOf(peer),
    endpoint: peer.endpoint,
    wire: wireOf(peer, wire),
    meta: metaOf(peer),
    ready: true,
  })
  return { service, instance }
}

function problemOf(service: string, node: string): string | undefined {
  if (node === '' || service === '') return 'it does not announce its service and node'
  return isServiceName(service) ? undefined : 'its service has a name that no URL can have as its host'
}
