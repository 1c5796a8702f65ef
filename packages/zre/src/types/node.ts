import type { EventEmitter } from 'node:events'
import type { FoundNode } from './discovery.js'
import type { ConnectedPeer, Content, ExitReason, Peer, Sighting } from './peers.js'

export interface NodeEvents {
  enter: [peer: Peer]
  exit: [peer: Peer, reason: ExitReason]
  join: [peer: Peer, group: string]
  leave: [peer: Peer, group: string]
  evasive: [peer: Peer]
  /** A message to this node, of at least one frame. `peer.send` answers it. */
  whisper: [peer: ConnectedPeer, frames: Buffer[]]
  shout: [peer: Peer, group: string, frames: Buffer[]]
}

/** Where a node lives, and how it looks for others. */
export interface NetworkInfo {
  /** The name of the network interface, such as `eth0`. */
  readonly interface: string
  /** The interface is that of this host alone. */
  readonly loopback: boolean
  /** Names of the discoveries in use: `beacon`, `host`, `seeds`, and the names of the user's own. */
  readonly discovery: readonly string[]
}

export interface NodeStats {
  peers: number
  messagesSent: number
  messagesReceived: number
  bytesSent: number
  bytesReceived: number
  beaconsSent: number
  beaconsReceived: number
  /** What the node threw away, counted by reason. */
  dropped: Record<string, number>
  /** When it last did so for each of these reasons: milliseconds since 1970. */
  lastDropped: Record<string, number>
}

export interface ZreNode extends EventEmitter<NodeEvents> {
  /** The UUID of this node: 32 uppercase hex digits. */
  readonly id: string
  readonly name: string
  /** The endpoint of this node's inbox: `tcp://ip:port`. */
  readonly endpoint: string
  /** Sends to one peer. Throws a `ZreError`: `ZRE_UNKNOWN_PEER`, `ZRE_QUEUE_FULL`, `ZRE_CLOSED`. */
  whisper(id: string, content: Content): void
  /** Bytes that wait to be sent to a peer: those that `whisper` got and libzmq has not taken yet. */
  backlog(id: string): number
  /** Sends a PING to a peer that is present; `reachedAt` shows when the answer came. Does nothing for other peers. */
  ping(id: string): void
  /**
   * The link to a peer is in use, as by a whisper, see `lost`: something is expected of it that does not begin with a whisper.
   * Does nothing for a peer that is not present.
   */
  use(id: string): void
  /** When the last message of a peer came, as `performance.now()`. Beacons do not count, because anyone can send them. */
  heardAt(id: string): number | undefined
  /**
   * When a peer that is present last showed that what is sent to it arrives, as `performance.now()`: by its answer to a PING,
   * or a handshake. A peer may speak all the while and not be reached, since it speaks over a connection of its own.
   */
  reachedAt(id: string): number | undefined
  /**
   * Milliseconds from a PING to its answer by the peer's event loop, as last measured. Undefined until a PING was answered. One
   * is sent to a peer that is silent, and when much is sent to it.
   */
  roundTrip(id: string): number | undefined
  /**
   * Whether a peer has left a PING unanswered while its link is in use: it is probed, and is lost unless it answers, see `lost`.
   * False for a peer that is not present.
   */
  isSilent(id: string): boolean
  /** The network interface of this node, and how it looks for others. The interface may change while the node runs. */
  network(): NetworkInfo
  /** Whether the beacons of a node come in. Then others on this subnet are likely to receive them too. */
  hears(id: string): boolean
  /**
   * Tells this node of another, as a `Discovery` does. The node greets it if it does not know it. Ignored after `close`, and if
   * the endpoint is on no network that the node may connect to.
   */
  found(node: FoundNode & { readonly id: string }): void
  /** Tells this node that one is not at an endpoint any more, as a `Discovery` does. One that is connected stays. */
  gone(node: { readonly id: string; readonly endpoint: string }): void
  /**
   * As `found`, for a node that is needed now. Resolves to true when it is present, however long that takes, and to false
   * when this node gives it up: nobody has shaken hands there for `lost` milliseconds, or something keeps it from greeting.
   */
  link(node: FoundNode & { readonly id: string }): Promise<boolean>
  /** Whether a connection may be opened to an endpoint: it is on a network that the node may connect to. */
  mayConnect(endpoint: string): boolean
  /** Whether an id is that of a node with the option `introduced`. */
  isIntroduced(id: string): boolean
  /**
   * Closes the link to a peer that is present: `exit` follows, with the reason `parted`. The peer is not told, so both ends must
   * do it. What was sent to the peer before still goes out. It is present again when either end greets the other.
   */
  part(id: string): void
  /**
   * Whether a peer's process answers a new connection within `lost` milliseconds. Its I/O thread answers, however busy its event
   * loop is. A process that is stopped, or whose host has vanished, does not answer. A probe costs a TCP connection. False for a
   * peer that is not present. `undefined` when the peer could not be asked, because 16 probes are under way or no socket is left.
   */
  probe(id: string): Promise<boolean | undefined>
  /**
   * Resolves to true when a peer has read everything that was sent to it until now. It costs a PING and its answer. False if the
   * peer goes first, starts over, or is not present.
   */
  acknowledged(id: string): Promise<boolean>
  /** Sends to every peer in a group. */
  shout(group: string, content: Content): void
  join(group: string): void
  leave(group: string): void
  /** The peers that are present: those whose event `enter` was emitted. */
  peers(): Peer[]
  peer(id: string): ConnectedPeer | undefined
  /** Every node that was heard of and is not gone, present or not: at most `maxPeers`. */
  sightings(): Sighting[]
  stats(): NodeStats
  /**
   * Leaves the network: tells the others, sends what is queued, and closes every socket. A second call returns the promise of the
   * first.
   */
  close(): Promise<void>
}
