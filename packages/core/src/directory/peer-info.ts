import type { Sighting } from '@sleuth/zre'
import type { PeerInfo } from '../types.js'
import { nameOf, serviceOf } from './instance.js'

/** What `sleuth.peers()` shows of a node. */
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
