/** A peer, as its HELLO describes it. One object for as long as the peer is present. Do not change it. */
export interface Peer {
  /** The UUID of the peer: 32 uppercase hex digits. */
  readonly id: string
  /** A name for people, by default the first six digits of `id`. Two peers may have the same name. */
  readonly name: string
  /** The endpoint of its inbox: `tcp://ip:port`. It is the one that the node has found it at. */
  readonly endpoint: string
  /** The endpoint that the peer names in HELLO, to all nodes alike. It may lead nowhere from here, and need not be an endpoint. */
  readonly announced: string
  /** The IP address in `endpoint`. */
  readonly address: string
  /**
   * True if the peer is at `endpoint`: it has read a token that was sent only there, and each of its messages shows that token.
   * False for a node of another library, which knows no tokens: then `endpoint` is what it says of itself.
   */
  readonly verified: boolean
  /**
   * Who of the two has made a connection: `'both'`; `'ours'`, on which the peer answers because it can't connect to us; or
   * `'theirs'`, on which we answer because no connection can be made to `endpoint`.
   */
  readonly connections: 'both' | 'ours' | 'theirs'
  readonly headers: ReadonlyMap<string, string>
  readonly groups: ReadonlySet<string>
  /** The public key that the peer has proved to hold, in Z85. Undefined without encryption, and for a node of another library. */
  readonly publicKey?: string | undefined
}

/** A peer that is present and that you can send to. */
export interface ConnectedPeer extends Peer {
  /**
   * Sends to the peer as `whisper` does, and does not look it up. Throws a `ZreError`: `ZRE_UNKNOWN_PEER` after the event `exit`
   * for this object (a peer that comes back is a new object), `ZRE_QUEUE_FULL`, `ZRE_CLOSED`.
   */
  send(content: Content): void
}

/** The state of a node that was heard of. */
export type Reach =
  /** We are not connected to it yet, or it has not greeted us yet. */
  | 'connecting'
  /** It is heard, and connections to it fail: a firewall lets UDP pass and not TCP. */
  | 'unreachable'
  /** It is heard, we are connected to it, and it does not greet us: it can't connect to us. */
  | 'unanswered'
  /** It does not let our key in. */
  | 'refused'
  /** It is present: it has greeted us, and our connection to it is up. */
  | 'connected'

export interface Sighting {
  readonly id: string
  /** Its endpoint, `tcp://ip:port`, as it was heard. */
  readonly endpoint: string
  readonly reach: Reach
  /** When `reach` got its value: milliseconds since 1970, as `Date.now()`. */
  readonly since: number
  /** The peer. Undefined until it has greeted us. */
  readonly peer: Peer | undefined
}

/** Why a peer left. */
export type ExitReason =
  /** It said so: a beacon with port 0, or GOODBYE. */
  | 'stopped'
  /** It was silent for too long: see `expired`. */
  | 'expired'
  /** The connection to it broke or could not be made, or its host did not answer within `lost` milliseconds. */
  | 'lost'
  /** It greeted us anew, because it had forgotten us or had missed messages. `enter` follows at once. */
  | 'restarted'
  /** Messages of it were lost, or it broke the protocol. We greet it anew. */
  | 'broken'
  /** Another node is at its endpoint now. */
  | 'replaced'
  /** Its key is no longer allowed. */
  | 'refused'
  /** Both ends do without a link to each other: see `part`. */
  | 'parted'

/** What `whisper` and `shout` take: one frame or several. A string is sent as UTF-8. Go peers read only the first frame. */
export type Content = Buffer | Uint8Array | string | readonly (Buffer | Uint8Array | string)[]
