import type { Allow, Discovery, KeyPair, Listen, Logger } from '@sleuth/zre'
import type { Balance, RetryDefaults } from './calls.js'
import type { RequestListener, SleuthPeer, SleuthRequest } from './handlers.js'
import type { Labels } from './instances.js'

/**
 * pino's levels, and those of Go's sleuth: `blocked` and `unblocked` mean `error`; `reject` means `warn`; `listen`, `install`,
 * `init` and `request` mean `info`.
 */
export type LogLevel =
  | 'silent'
  | 'fatal'
  | 'error'
  | 'warn'
  | 'info'
  | 'debug'
  | 'trace'
  | 'blocked'
  | 'unblocked'
  | 'reject'
  | 'listen'
  | 'install'
  | 'init'
  | 'request'

export interface Limits {
  /** The largest message of wire 1, received or sent, in bytes as it travels: 1024 to 256 MiB. Default 32 MiB. */
  message?: number | undefined
  /**
   * The largest message of wire 1 after unzipping, in bytes: 1024 to 256 MiB. A body takes a third more than its size in it. On
   * wire 2 the largest body that `request` gathers. Default 64 MiB.
   */
  unzipped?: number | undefined
  /** The longest path and query of a request, in characters. Above it the caller gets 414. Default 16,384. */
  url?: number | undefined
  /** The most headers of a request (above it the caller gets 431) and of a response (above it the call fails). Default 2000. */
  headers?: number | undefined
  /** The most bytes of these headers, names and values together. Default 65,536. */
  headerBytes?: number | undefined
  /** The most requests of one peer in flight, on both wires together. More are refused as overloaded. Default 2500. */
  streams?: number | undefined
  /** The most memory for one peer's requests while they wait to be read or answered, in bytes. Default 128 MiB. */
  buffered?: number | undefined
  /** Milliseconds within which a request on wire 2 must arrive to its end. `Infinity`: no limit. Default 300,000. */
  requestTime?: number | undefined
  /** The most nodes that the node knows at a time: 1 to 16,384. It ignores further nodes. Default 1024. */
  peers?: number | undefined
  /** The most bytes of data in an event, emitted or received: 1024 to 1 MiB. Default 256 KiB. */
  event?: number | undefined
  /**
   * The most bytes of events that wait for one subscriber, and for one listener: 1024 to 256 MiB. Further events are dropped.
   * Default 4 MiB.
   */
  eventQueue?: number | undefined
  /** The most patterns that this node, or a peer, subscribes to: 1 to 1024. Default 256. */
  patterns?: number | undefined
}

/** What closes a network: the keys of this node, and the list of allowed keys. */
export interface Security extends KeyPair {
  readonly allow: Allow
}

/** A network in place of the machine's. `createTestNetwork()` of `@sleuth/testing` makes one. */
export interface Network {
  readonly [Symbol.toStringTag]: 'SleuthNetwork'
}

export interface SleuthOptions {
  /** The name of the service: 1 to 255 of the characters that a URL's host may have, without `%` and `:`. It needs a `handler`. */
  service?: string | undefined
  /** Answers the requests to `service`. It needs a `service`. */
  handler?: RequestListener | undefined
  /**
   * The network interface: its name, its IPv4 address, a CIDR block that holds the address (`10.0.0.0/8`), or `loopback`.
   * Default: `SLEUTH_INTERFACE`, else `ZSYS_INTERFACE`, else the first interface that can broadcast, else loopback.
   */
  interface?: string | undefined
  /** The UDP port for discovery, the same for all nodes of a network: 1 to 65535. Default 5670. */
  port?: number | undefined
  /**
   * How nodes find each other: `'beacon'` (UDP, one subnet), `'host'` (files, one host), or objects of your own. `[]`: by
   * seeds alone. Default: `SLEUTH_DISCOVERY`, else `['beacon']`, and on loopback `['beacon', 'host']`.
   */
  discovery?: readonly ('beacon' | 'host' | Discovery)[] | undefined
  /**
   * Nodes beyond the reach of beacons: `tcp://host:port`, `dns://name:port`, `dns+srv://name`, `file:///path`. Default:
   * `SLEUTH_SEEDS`, a list divided by commas.
   */
  seeds?: readonly string[] | undefined
  /** Where the inbox is bound. Default: `SLEUTH_LISTEN`, else a free port of the interface. */
  listen?: Listen | undefined
  /**
   * The endpoint that others are told, as behind a forwarded port: `tcp://ip:port`. `false`: nobody can connect to this node, and
   * those that it connects to answer on its connections. Default: `SLEUTH_ADVERTISE`, where `none` is `false`.
   */
  advertise?: string | false | undefined
  /**
   * Blocks of addresses (`10.0.0.0/8`) to which the node may connect, beside its own subnet and the addresses of its seeds.
   * Default: `SLEUTH_NETWORKS`, a list divided by commas.
   */
  networks?: readonly string[] | undefined
  /**
   * To which nodes there is to be a connection: `'all'`; `'used'`, those whose services are called and a few others; or `'auto'`,
   * all while they are up to 64, and then those that are used. Default `'auto'`.
   */
  links?: 'all' | 'used' | 'auto' | undefined
  /** The version of the service, which others see: at most 255 bytes, without `%`. Default `unknown`. */
  version?: string | undefined
  /** Labels that others choose by, such as `{ zone: 'a' }`: at most 1024 bytes as JSON. `weight` is a share of calls, 0 to 1000. */
  meta?: Labels | undefined
  /** Only instances of one group see each other. Default `SLEUTH-v1`. */
  group?: string | undefined
  /** A name for people, which others see in `services()`. Default: the first six digits of the instance's id. */
  name?: string | undefined
  /** Milliseconds from a call to the head of its response; then the call fails. `Infinity`: no limit. Default 500, as in Go. */
  timeout?: number | undefined
  /**
   * Whether calls wait for an instance of a service of which none is known: so many milliseconds, or with `true` as long as
   * their timeout allows. A call's own `waitFor` goes before. Default `false`: such a call fails at once.
   */
  waitFor?: number | boolean | undefined
  /**
   * The service answers over sleuth the requests for which this returns a truthy value. A promise, or another object with a
   * method `then`, does not count. The other requests get a 404. Default: all requests.
   */
  filter?: ((req: SleuthRequest) => boolean) | undefined
  /** A network in memory in place of the machine's, for tests: see `@sleuth/testing`. Default: the machine's. */
  network?: Network | undefined
  /** `false`: sleuth opens no socket and rejects every call with `SLEUTH_DISABLED`. Default `true`. */
  enabled?: boolean | undefined
  /** The newest of sleuth's wires that the node speaks. Wire 1 is Go's, which carries bodies whole. Default 2. */
  wire?: 1 | 2 | undefined
  /**
   * Whether calls between two nodes of this library may go by a TCP connection of their own, which ZeroMQ sets up: it listens
   * on a port that the system chooses. Where there is none, and always with `security`, they go by ZeroMQ. Default `true`.
   */
  direct?: boolean | undefined
  limits?: Limits | undefined
  /** The most requests in flight. The service refuses more, and callers use other instances. Default 5000. */
  maxInflight?: number | undefined
  /** Milliseconds that `leave` and `close` give the requests in flight. `Infinity`: no limit. Default 5000. */
  drainTimeout?: number | undefined
  /**
   * Milliseconds within which a host that stops answering is gone while calls to it or from it are under way, and for 10 s
   * after: 300 to 600,000. Default 1500.
   */
  lostAfter?: number | undefined
  /** How often, and when, sleuth tries a call again. `false`: never. */
  retry?: false | RetryDefaults | undefined
  /**
   * Which instance of a service is called: each in turn; or, of two instances taken at random, the one with fewer pending calls.
   * Default `round-robin`.
   */
  balance?: Balance | undefined
  /** Encrypts everything, and lets in only the keys that `allow` names. Default: open to everyone on the network. */
  security?: Security | undefined
  /**
   * Whether this instance wants calls now. Asked once when it joins and then once a second: other than `true`, an error, or a
   * promise that is not settled within a second, means that callers use other instances, as long as one is ready. Default: it
   * always does.
   */
  ready?: (() => boolean | Promise<boolean>) | undefined
  /**
   * What peers may ask about this node by `inspect`. `true`: everything. `false`: nothing. A function decides for each peer.
   * Default: everything on loopback and on a network with keys, and elsewhere `info` alone.
   */
  introspection?: boolean | ((peer: SleuthPeer) => boolean) | undefined
  /** Anything with pino's `trace`, `debug`, `info`, `warn`, `error`. Default: pino at `logLevel`. */
  logger?: Logger | undefined
  /** The level of the default logger. Default `silent`. */
  logLevel?: LogLevel | undefined
}
