import type { PeerState } from './machine/peer.js'
import { reachOf } from './machine/reach.js'
import type { Sighting } from './types.js'

/** The nodes that were heard of, as the user sees them. `offset`: milliseconds from the clock of the node to `Date.now()`. */
export function sightingsOf(peers: ReadonlyMap<string, PeerState>, offset: number): Sighting[] {
  return Array.from(peers.values(), (peer) => ({
    id: peer.id,
    endpoint: peer.endpoint,
    reach: reachOf(peer),
    since: Math.round(offset + peer.since),
    peer: peer.view ?? peer.greeting ?? peer.lost,
  }))
}
