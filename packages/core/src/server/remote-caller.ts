import type { Peer } from '@sleuth/zre'
import { nameOf, serviceOf } from '../directory/instance.js'
import type { CallerList } from '../shared/caller-counts.js'
import type { SleuthPeer } from '../types.js'
import type { RemoteCaller } from './types.js'

/** A peer as handlers see it. Make only one for each peer, because `SocketPool` keeps its sockets by it. */
export function callerOf(peer: Peer, group: string, callers: CallerList): RemoteCaller {
  const seen = sleuthPeerOf(peer, group)
  return {
    peer: seen,
    port: addressOf(peer.endpoint).port,
    counts: callers.of(seen.id, seen.name, seen.service),
  }
}

export function sleuthPeerOf(peer: Peer, group: string): SleuthPeer {
  const { id, address, verified, publicKey } = peer
  return Object.freeze({
    id,
    name: nameOf(peer),
    service: serviceOf(peer, group),
    address,
    verified,
    publicKey,
  })
}

/** `tcp://ip:port` */
export function addressOf(endpoint: string): { address: string; port: number } {
  const colon = endpoint.lastIndexOf(':')
  return { address: endpoint.slice('tcp://'.length, colon), port: Number(endpoint.slice(colon + 1)) }
}
