import type { Peer } from '@sleuth/zre'
import { Asking } from './asking.js'
import type { Connection } from './connection.js'
import { Waiting } from './waiting.js'

/** What there is between us and one peer, beside ZeroMQ. */
export class PeerState {
  /** As it was last seen. */
  peer: Peer
  readonly asking = new Asking()
  offer: { readonly token: Buffer; readonly proof: Buffer; readonly until: number } | undefined
  connection: Connection | undefined
  /** Those who wait for a connection that is being made. */
  readonly waiting = new Waiting()
  /** Ends a connection that is being made. */
  readonly gone = new AbortController()

  constructor(peer: Peer) {
    this.peer = peer
  }
}
