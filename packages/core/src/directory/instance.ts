import type { Peer } from '@sleuth/zre'
import { sleuthError } from '../errors.js'
import type { CheckedOptions } from '../options.js'
import type { Instance } from '../types.js'

/** Carries a name for people: the node's own name is what Go peers key by, so it stays unique. */
const nameHeader = 'sleuth-name'

/** Says which of sleuth's wires a node speaks. Go sleuth tells nothing of the kind, and so is known by its absence. */
const wireHeader = 'sleuth-wire'

/** What a node tells every peer in HELLO (sleuth.go, newNode). A client-only one tells none of Go's four. */
export function announcement(options: CheckedOptions): (id: string) => Record<string, string> {
  const { group, service, version, name, wire } = options
  return (id) => ({
    ...(service !== undefined && { group, node: id, type: service, version }),
    ...(name !== undefined && { [nameHeader]: name }),
    [wireHeader]: String(wire),
  })
}

/** The newest wire that both ends speak. */
function wireOf(peer: Peer, ours: number): number {
  const theirs = Number(peer.headers.get(wireHeader))
  return Number.isInteger(theirs) && theirs > 1 ? Math.min(theirs, ours) : 1
}

export function isGo(peer: Peer): boolean {
  return !peer.headers.has(wireHeader)
}

/** What of our own options decides how we see a peer. */
export interface Network {
  readonly group: string
  /** The newest wire that we speak. */
  readonly wire: number
}

/** For people. */
export function nameOf({ headers, name }: Peer): string {
  return headers.get(nameHeader) ?? name
}

/** The service that a peer offers in our group; undefined for a client-only peer, and for half an announcement. */
export function serviceOf({ headers }: Peer, group: string): string | undefined {
  if (headers.get('group') !== group || !headers.get('node')) return undefined
  return headers.get('type') || undefined
}

/** The service that a peer offers in our group; undefined for a client-only peer. Throws 924 (client.go, add). */
export function readAnnouncement(
  peer: Peer,
  { group, wire }: Network,
): { service: string; instance: Instance } | undefined {
  const { headers } = peer
  if (headers.get('group') !== group) return undefined
  const node = headers.get('node') ?? ''
  const service = headers.get('type') ?? ''
  if (node === '' || service === '') {
    throw sleuthError('SLEUTH_ADD', {
      name: peer.name,
      service: JSON.stringify(service),
      node: JSON.stringify(node),
    })
  }
  const instance = Object.freeze({
    id: peer.id,
    name: nameOf(peer),
    version: headers.get('version') ?? 'unknown',
    endpoint: peer.endpoint,
    wire: wireOf(peer, wire),
  })
  return { service, instance }
}
