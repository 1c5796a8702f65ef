import type { Peer } from '@sleuth/zre'
import { nameOf, serviceOf } from '../directory/instance.js'
import type { RemoteCaller } from './types.js'

/** A peer as handlers see it. Make only one for each peer, because `SocketPool` keeps its sockets by it. */
export function callerOf(peer: Peer, group: string): RemoteCaller {
  const { id, address, verified, publicKey, endpoint } = peer
  return {
    peer: Object.freeze({
      id,
      name: nameOf(peer),
      service: serviceOf(peer, group),
      address,
      verified,
      publicKey,
    }),
    port: addressOf(endpoint).port,
  }
}

/** `tcp://ip:port` */
export function addressOf(endpoint: string): { address: string; port: number } {
  const colon = endpoint.lastIndexOf(':')
  return { address: endpoint.slice('tcp://'.length, colon), port: Number(endpoint.slice(colon + 1)) }
}
