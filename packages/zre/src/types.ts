import type { EventEmitter } from 'node:events'

/** A peer as its HELLO described it. One object for as long as the peer is present; never changed by its holder. */
export interface Peer {
  /** UUID, 32 uppercase hex digits. */
  readonly id: string
  /** The public name; by default the first six digits of `id`. Two peers may share one. */
  readonly name: string
  /** Where its inbox is: `tcp://ip:port`. */
  readonly endpoint: string
  /** The IP address in `endpoint`. */
  readonly address: string
  /**
   * The peer has shown that it is at `endpoint`: it has read what was sent there alone, and each of its messages shows that
   * again. False for a node of another library, which can't: then `endpoint` is what it says of itself.
   */
  readonly verified: boolean
  readonly headers: ReadonlyMap<string, string>
  readonly groups: ReadonlySet<string>
  /** Z85: the key that it has shown to hold. Undefined without encryption, and for a node of another library, which can't. */
  readonly publicKey?: string | undefined
}

/** A peer that is present, and a way to send to it. */
export interface ConnectedPeer extends Peer {
  /**
   * Sends to the peer, as `whisper` does, without looking it up. Throws a `ZreError`: `ZRE_UNKNOWN_PEER` once `exit` was
   * emitted for this object (a peer that comes back is another object), `ZRE_QUEUE_FULL`, `ZRE_CLOSED`.
   */
  send(content: Content): void
}

/** How far we have come with a node that was heard of. */
export type Reach =
  /** Not connected to it, or not greeted by it, yet. */
  | 'connecting'
  /** It is heard, and connections to it fail: a firewall lets UDP pass and not TCP. */
  | 'unreachable'
  /** It is heard, we are connected to it, and it does not greet us: it can't connect to us. */
  | 'unanswered'
  /** It does not let our key in. */
  | 'refused'
  /** It is present: greeted, and connected to. */
  | 'connected'

export interface Sighting {
  readonly id: string
  /** Where it is said to be: `tcp://ip:port`. */
  readonly endpoint: string
  readonly reach: Reach
  /** When `reach` became what it is: milliseconds since 1970, as `Date.now()`. */
  readonly since: number
  /** What it said of itself. Undefined until it has greeted us. */
  readonly peer: Peer | undefined
}

/** Why a peer left. */
export type ExitReason =
  /** It said so: a beacon with port 0, or GOODBYE. */
  | 'stopped'
  /** Nothing was heard of it for too long: see `expired`. */
  | 'expired'
  /** The connection to it broke, could not be made, or its host did not answer for `lost` milliseconds. */
  | 'lost'
  /** It greeted us anew: it had forgotten us, or lost its way. `enter` follows at once. */
  | 'restarted'
  /** Messages from it were lost, or it broke the protocol. It is greeted anew. */
  | 'broken'
  /** Another node is at its endpoint now. */
  | 'replaced'
  /** Its key is not let in any more. */
  | 'refused'

export interface NodeEvents {
  enter: [peer: Peer]
  exit: [peer: Peer, reason: ExitReason]
  join: [peer: Peer, group: string]
  leave: [peer: Peer, group: string]
  evasive: [peer: Peer]
  /** `frames` holds at least one frame. `peer.send` answers it. */
  whisper: [peer: ConnectedPeer, frames: Buffer[]]
  shout: [peer: Peer, group: string, frames: Buffer[]]
}

/** What `whisper` and `shout` take: one frame, or several. A string is sent as UTF-8. Go peers read the first frame only. */
export type Content = Buffer | Uint8Array | string | readonly (Buffer | Uint8Array | string)[]

/** The part of a pino logger that is used here. */
export interface Logger {
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface NodeStats {
  peers: number
  messagesSent: number
  messagesReceived: number
  bytesSent: number
  bytesReceived: number
  beaconsSent: number
  beaconsReceived: number
  /** What was thrown away, counted by reason. */
  dropped: Record<string, number>
}

export interface ZreNode extends EventEmitter<NodeEvents> {
  /** Our UUID, 32 uppercase hex digits. */
  readonly id: string
  readonly name: string
  /** Our inbox: `tcp://ip:port`. */
  readonly endpoint: string
  /** Sends to one peer. Throws a `ZreError`: `ZRE_UNKNOWN_PEER`, `ZRE_QUEUE_FULL`, `ZRE_CLOSED`. */
  whisper(id: string, content: Content): void
  /** Bytes that wait to be sent to a peer: of what `whisper` was given, that which libzmq has not taken yet. */
  backlog(id: string): number
  /** Asks a peer that is present for a sign of life: `heardAt` tells when it came. Does nothing for others. */
  ping(id: string): void
  /** When the last message of a peer came, on the clock of `performance.now()`. Beacons don't count: anyone can send them. */
  heardAt(id: string): number | undefined
  /**
   * Whether a peer's process answers a new connection within `lost` milliseconds. Its I/O thread does, however busy its event
   * loop is; a process that is stopped, or whose host has vanished, does not. It costs a TCP connection. False for a peer that
   * is not present. `undefined` when the peer could not be asked: 16 probes are under way, or no socket is left.
   */
  probe(id: string): Promise<boolean | undefined>
  /**
   * Resolves to true when a peer has read all that was sent to it until now. It costs a PING and its answer. False if the
   * peer goes first, begins anew, or is not present.
   */
  acknowledged(id: string): Promise<boolean>
  /** Sends to every peer in a group. */
  shout(group: string, content: Content): void
  join(group: string): void
  leave(group: string): void
  /** The peers that are present, each of which `enter` was emitted for. */
  peers(): Peer[]
  peer(id: string): ConnectedPeer | undefined
  /** Every node that was heard of and is not gone, present or not: at most `maxPeers`. */
  sightings(): Sighting[]
  stats(): NodeStats
  /** Leaves the network: says so, lets what is queued go out, closes every socket. A second call returns the first's promise. */
  close(): Promise<void>
}

export interface NodeOptions {
  /**
   * Interface name, its IPv4 address, a CIDR block that holds it (`10.0.0.0/8`), or `loopback`; else `SLEUTH_INTERFACE`,
   * `ZSYS_INTERFACE`, automatic.
   */
  interface?: string | undefined
  /** UDP discovery port. Default 5670 (IANA, ZRE). */
  port?: number | undefined
  /** Public name. Default: the first six digits of the UUID. */
  name?: string | undefined
  /** Told to every peer in HELLO. A function is called with the node's own id. */
  headers?: Record<string, string> | ((id: string) => Record<string, string>) | undefined
  /** Groups to be in from the start. */
  groups?: readonly string[] | undefined
  /** Milliseconds between beacons. Default 1000. */
  interval?: number | undefined
  /** Milliseconds of silence after which a peer is pinged. Default 3000, as in Go. */
  evasive?: number | undefined
  /**
   * Milliseconds of silence after which a peer is gone that there is no connection to. One whose connection lives is slow,
   * and gone after twelve times as long. Default 5000, as in Go.
   */
  expired?: number | undefined
  /** Milliseconds within which a host that does not answer any more is noticed. Default 1500. */
  lost?: number | undefined
  /** The most peers that are let in. Default 1024. */
  maxPeers?: number | undefined
  /** The largest message taken from a peer, in bytes, all frames together. Default 64 MiB. */
  maxMessageSize?: number | undefined
  /** The most bytes queued for one peer before `whisper` throws. Default 64 MiB. */
  maxQueueSize?: number | undefined
  /** Encrypts, and lets in only whom `allow` names. Default: open to everyone on the network. */
  security?: Security | undefined
  logger?: Logger | undefined
}

/**
 * Who is let in: public keys, the path of a file with one key in each line or of a directory of such files, or a function
 * that is asked.
 */
export type Allow = readonly string[] | string | ((publicKey: string) => boolean | Promise<boolean>)

/** A pair of CURVE keys as Z85 text, 40 characters each. */
export interface KeyPair {
  readonly publicKey: string
  readonly secretKey: string
}

/** What makes a network a closed one. */
export interface Security extends KeyPair {
  readonly allow: Allow
  /**
   * `true`: only nodes of this library are let in, which prove with each message that it is theirs. Default `false`: C's zyre,
   * too, of which one that is let in can speak as another.
   */
  readonly proof?: boolean | undefined
}
