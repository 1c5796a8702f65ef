import type { Discovery } from './discovery.js'
import type { Logger } from './logger.js'

/** What is known of nodes that there is no link to, because others have told of them. */
export interface Introduced {
  /** How many nodes are known, linked or not, or heard. The more there are, the rarer are beacons. */
  count(): number
  /** Whether a node is known, so that there need be no link to it. */
  knows(id: string): boolean
  /**
   * Whether to greet a node of this library that a beacon or a discovery tells of and that there is no link to. `heardOf`: how
   * many nodes were greeted or met already.
   */
  greets(id: string, heardOf: number): boolean
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
