import type { EventEmitter } from 'node:events'

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

/** What `whisper` and `shout` take: one frame or several. A string is sent as UTF-8. Go peers read only the first frame. */
export type Content = Buffer | Uint8Array | string | readonly (Buffer | Uint8Array | string)[]

/** The part of a pino logger that the node uses. */
export interface Logger {
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A node that was found. It is a hint: its HELLO shows whether it is there. */
export interface FoundNode {
  /** Where its inbox is: `tcp://ip:port`. */
  readonly endpoint: string
  /** Its UUID. Without one, whoever is at the endpoint is asked. */
  readonly id?: string | undefined
  /** Z85. On a network with keys a node without one is asked with each key that is let in. */
  readonly publicKey?: string | undefined
  /** It is a node of this library, and may answer on the connection that we make if it can't connect to us. */
  readonly ours?: boolean | undefined
}

/** What is known of nodes that there is no link to, because others have told of them. */
export interface Introduced {
  /** How many nodes are known, linked or not. The more there are, the rarer are beacons. */
  count(): number
  /** Whether a node is known, so that there need be no link to it. */
  knows(id: string): boolean
  /**
   * Whether to greet a node of this library that a beacon or a discovery tells of and that there is no link to. `heardOf`: how
   * many nodes were greeted or met already.
   */
  greets(id: string, heardOf: number): boolean
}

/** What a discovery is given: who it is to make known, and whom to tell of others. */
export interface DiscoveryHost {
  readonly id: string
  /** Where our inbox is now. It changes when the node moves to another interface. */
  readonly endpoint: string
  /** Z85. Undefined without encryption. */
  readonly publicKey: string | undefined
  /** The discovery port: nodes with the same one are to meet. */
  readonly port: number
  readonly logger: Logger
  /** A node was found, or is still there. It may be told as often as it is found. */
  found(node: FoundNode): void
  /** A node that was found is there no more. The node keeps one that it is connected to. */
  gone(node: { readonly endpoint: string; readonly id: string }): void
}

/** A way in which nodes find each other. */
export interface Discovery {
  readonly name: string
  /** Makes the node known and looks for others, until it is closed. A start that fails is the failure of `createNode`. */
  start(host: DiscoveryHost): void | Promise<void>
  /** The node leaves: it is to be found no more. */
  close(): void | Promise<void>
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

/** Where an inbox is bound. */
export interface Listen {
  readonly port?: number | undefined
  readonly host?: string | undefined
}

export interface NodeOptions {
  /**
   * The network interface: its name, its IPv4 address, a CIDR block that holds the address (`10.0.0.0/8`), or `loopback`.
   * Default: `SLEUTH_INTERFACE`, else `ZSYS_INTERFACE`, else the first interface that can broadcast, else loopback.
   */
  interface?: string | undefined
  /** The UDP port for discovery, the same for all nodes of a network. Default 5670 (IANA, RFC 36). */
  port?: number | undefined
  /**
   * How nodes find each other: `'beacon'` (UDP, one subnet), `'host'` (files, one host), or objects of your own. `[]`: by
   * seeds alone. Default: `SLEUTH_DISCOVERY`, else `['beacon']`, and on loopback `['beacon', 'host']`.
   */
  discovery?: readonly ('beacon' | 'host' | Discovery)[] | undefined
  /**
   * Where other nodes are, beyond what a beacon reaches: `tcp://host:port`, `dns://name:port` (each address of a name),
   * `dns+srv://name`, `file:///path` (a seed in each line). Port 5670 unless it is said. On a network with keys a public key
   * may follow after `#`. Default: `SLEUTH_SEEDS`, a list divided by commas.
   */
  seeds?: readonly string[] | undefined
  /**
   * Where the inbox is bound: `port`, default any; `host`, an address of this host, `0.0.0.0` or `::`, default the
   * interface's. Default: `SLEUTH_LISTEN`, as `5670` or `0.0.0.0:5670`.
   */
  listen?: Listen | undefined
  /**
   * What others are told of where the inbox is, as behind a forwarded port: `tcp://ip:port`. `false`: nobody can connect to it,
   * so peers are asked to answer on the connections that this node makes. Default: `SLEUTH_ADVERTISE`, where `none` is `false`.
   */
  advertise?: string | false | undefined
  /**
   * Blocks of addresses (`10.0.0.0/8`) to whose endpoints connections may be opened, beside our own subnet and those that
   * seeds lead to. Default: `SLEUTH_NETWORKS`, a list divided by commas.
   */
  networks?: readonly string[] | undefined
  /** A name for people. Default: the first six digits of the UUID. */
  name?: string | undefined
  /** The headers of HELLO, which every peer gets. A function is called with the node's own id. */
  headers?: Record<string, string> | ((id: string) => Record<string, string>) | undefined
  /** The groups that the node is in from the start. */
  groups?: readonly string[] | undefined
  /** Milliseconds between the beacons of a new node. One that has peers sends them rarely, see the README. Default 1000. */
  interval?: number | undefined
  /**
   * Milliseconds of silence after which the node sends a PING, or twelve times as many while the connection to the peer lives.
   * Default 3000, as in Go.
   */
  evasive?: number | undefined
  /**
   * Milliseconds of silence after which a peer without a connection is gone. A peer whose connection lives is gone after twelve
   * times as long. Default 5000, as in Go.
   */
  expired?: number | undefined
  /**
   * Milliseconds within which the node notices a host that stops answering, while the link to it is in use: a whisper came or
   * went in the last 10 s, or `isAwaited` says so. On other links it takes up to 15 s. Default 1500.
   */
  lost?: number | undefined
  /**
   * Whether something is still expected of a peer whose link is in use, however long ago the last whisper was. Called about
   * eight times a second for each link in use, so it is quick. What does not begin with a whisper is told by `use`.
   */
  isAwaited?: ((id: string) => boolean) | undefined
  /** Whether a whisper, given its first frame, puts its link in use, see `lost`. Default: every whisper does. */
  isUse?: ((content: Buffer) => boolean) | undefined
  /**
   * What is known of nodes by introductions. With it the node has an id by which others know that it is introduced, and nodes
   * with such ids are greeted as it says. Default: every node is greeted.
   */
  introduced?: Introduced | undefined
  /** The most peers that the node lets in. Default 1024. */
  maxPeers?: number | undefined
  /** The largest message that a peer may send, in bytes, all frames together. Default 64 MiB. */
  maxMessageSize?: number | undefined
  /** The most bytes that may wait for one peer; then `whisper` throws `ZRE_QUEUE_FULL`. Default 64 MiB. */
  maxQueueSize?: number | undefined
  /** Encrypts everything, and lets in only the keys that `allow` names. Default: open to everyone on the network. */
  security?: Security | undefined
  logger?: Logger | undefined
}

/**
 * The keys that are let in: a list of public keys; the path of a file with one key in each line, or of a directory of such files;
 * or a function of a key.
 */
export type Allow = readonly string[] | string | ((publicKey: string) => boolean | Promise<boolean>)

/** A pair of CURVE keys as Z85 text, 40 characters each. */
export interface KeyPair {
  readonly publicKey: string
  readonly secretKey: string
}

/** What closes a network: the keys of this node, and the list of allowed keys. */
export interface Security extends KeyPair {
  readonly allow: Allow
  /**
   * `true`: lets in only nodes of this library, which prove that each message is theirs. Default `false`: lets in nodes of C's
   * zyre too, which can speak as each other.
   */
  readonly proof?: boolean | undefined
}
