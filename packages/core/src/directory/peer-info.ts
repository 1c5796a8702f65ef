import type { Sighting } from '@sleuth/zre'
import type { PeerInfo } from '../types.js'
import { nameOf, serviceOf } from './instance.js'

/** A node that others have told of, and that there is no link to. */
export interface ToldPeer {
  readonly record: Pick<PeerInfo, 'id' | 'endpoint'> & { readonly name: string; readonly service: string }
  /** As `Date.now()`. */
  readonly since: number
}

/** What `sleuth.peers()` gives: all nodes that this one has heard of, by itself or from others. */
export function peerInfos(
  sightings: readonly Sighting[] = [],
  told: readonly ToldPeer[] = [],
  group: string,
): PeerInfo[] {
  const seen = sightings.map((sighting) => peerInfo(sighting, group))
  const ids = new Set(seen.map(({ id }) => id))
  return [...seen, ...told.filter(({ record }) => !ids.has(record.id)).map(toldPeerInfo)]
}

/** A node that this one has seen. */
export function peerInfo({ id, endpoint, reach, since, peer }: Sighting, group: string): PeerInfo {
  return Object.freeze({
    id,
    name: peer && nameOf(peer),
    service: peer && serviceOf(peer, group),
    endpoint,
    state: reach,
    since,
  })
}

function toldPeerInfo({ record, since }: ToldPeer): PeerInfo {
  const { id, name, service, endpoint } = record
  return Object.freeze({ id, name, service: service || undefined, endpoint, state: 'idle', since })
}
