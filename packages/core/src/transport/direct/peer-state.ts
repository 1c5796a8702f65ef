import { timingSafeEqual } from 'node:crypto'
import type { Peer } from '@sleuth/zre'
import { Asking } from './asking.js'
import type { Connection } from './connection.js'
import type { Offer } from './handshake.js'
import { Waiting } from './waiting.js'

/** An offer that the peer was made. */
interface HeldOffer extends Offer {
  readonly until: number
}

/** What there is between us and one peer, beside ZeroMQ. */
export class PeerState {
  /** As it was last seen. */
  peer: Peer
  readonly asking = new Asking()
  /** What we need when the offer comes that we asked for last. */
  half: Buffer = Buffer.alloc(0)
  offer: HeldOffer | undefined
  connection: Connection | undefined
  /** Those who wait for a connection that is being made. */
  readonly waiting = new Waiting()
  /** Ends a connection that is being made. */
  readonly gone = new AbortController()

  constructor(peer: Peer) {
    this.peer = peer
  }

  /** The offer of this token, if it holds. */
  offered(token: Buffer, now: number): HeldOffer | undefined {
    const { offer } = this
    if (offer === undefined || now > offer.until) return undefined
    return timingSafeEqual(token, offer.token) ? offer : undefined
  }

  /** An offer is good for one connection. Whether it still was. */
  use(offer: HeldOffer): boolean {
    if (this.offer !== offer) return false
    this.offer = undefined
    return true
  }
}
