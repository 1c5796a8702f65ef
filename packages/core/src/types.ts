import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Allow, ExitReason, KeyPair, Logger, Reach } from '@sleuth/zre'

export type { Allow, KeyPair, Logger } from '@sleuth/zre'

/** The node that a request came from. One frozen object for all requests of a peer. */
export interface SleuthPeer {
  /** As in `Instance`: 32 uppercase hex digits, others each time that the node joins. */
  readonly id: string
  /** The name of its node: the first six digits of the id, in Go and in Node. */
  readonly name: string
  /** What it says that it offers; undefined for one that only calls. */
  readonly service: string | undefined
  /** The IP address of its inbox. It is what the node says of itself unless `verified`. */
  readonly address: string
  /**
   * `address` was checked: the node has read what was sent to it there, and each of its messages shows that. False for sleuth
   * in Go, and for other nodes that don't show it. The request's socket has a `remoteAddress` only if it is true.
   */
  readonly verified: boolean
  /** Z85: the key that it has proved to hold. Undefined on a network without keys. */
  readonly publicKey: string | undefined
}

/**
 * A request that may have come by sleuth. Not declared on `IncomingMessage` itself: Node's typings know it by two modules,
 * `http` and `node:http`, and which of them is the other's alias depends on their version.
 */
export interface SleuthRequest extends IncomingMessage {
  /** Who called by sleuth. Undefined for a request over HTTP. */
  readonly sleuthPeer?: SleuthPeer | undefined
}

/** Any Node request listener: an Express app, `koa.callback()`, `fastify.routing`, a plain function. */
export type RequestListener = (req: SleuthRequest, res: ServerResponse) => unknown

/**
 * pino's levels, and Go sleuth's: `blocked` and `unblocked` are `error`, `reject` is `warn`, `listen`, `install`, `init` and
 * `request` are `info`.
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
  /** The largest message taken or sent, in bytes as it travels. Default 32 MiB. */
  message?: number | undefined
  /** The largest message after unzipping, in bytes. A body takes a third more than its size in it. Default 64 MiB. */
  unzipped?: number | undefined
  /** The longest path and query of a request, in characters; above it 414. Default 16,384. */
  url?: number | undefined
  /** The most headers of a request, above it 431; and of an answer, above it the call fails. Default 2000. */
  headers?: number | undefined
  /** The most bytes of these headers, names and values together. Default 65,536. */
  headerBytes?: number | undefined
  /** The most requests of one peer that are in hand, both wires together; more are refused as overloaded. Default 2500. */
  streams?: number | undefined
  /** The most bytes that it may take to keep one peer's requests while they wait to be read or answered. Default 128 MiB. */
  buffered?: number | undefined
  /** Milliseconds that a request on wire 2 has to come to its end. `Infinity`: all it takes. Default 300,000. */
  requestTime?: number | undefined
  /** The most nodes that are known at a time; further nodes are ignored. 1 to 16,384. Default 1024. */
  peers?: number | undefined
}

/** What makes a network a closed one: our pair of keys, and who else is let in. */
export interface Security extends KeyPair {
  readonly allow: Allow
}

export interface SleuthOptions {
  /** The name under which `handler` is offered: 1 to 255 of the characters that a URL's host may have, without `%` and `:`. */
  service?: string | undefined
  /** Answers the requests to `service`. */
  handler?: RequestListener | undefined
  /**
   * Interface name, its IPv4 address, a CIDR block that holds it (`10.0.0.0/8`), or `loopback`; else `SLEUTH_INTERFACE`,
   * `ZSYS_INTERFACE`, automatic.
   */
  interface?: string | undefined
  /** UDP discovery port. Default 5670. */
  port?: number | undefined
  /** Told to the other instances. Default `unknown`. */
  version?: string | undefined
  /** Only instances of one group see each other. Default `SLEUTH-v1`. */
  group?: string | undefined
  /** A name for people, shown in `services()`. Default: the first six digits of the instance's id. */
  name?: string | undefined
  /** Milliseconds until a call fails, unless the call says otherwise. `Infinity`: never. Default 500. */
  timeout?: number | undefined
  /**
   * Which requests the service answers over sleuth: those for which it returns a truthy value that is no promise (and no
   * other object with a method `then`). The others get a 404. Default: all.
   */
  filter?: ((req: SleuthRequest) => boolean) | undefined
  /** `false`: no socket is opened and every call is rejected with `SLEUTH_DISABLED`. Default `true`. */
  enabled?: boolean | undefined
  /** The newest of sleuth's wires to speak. 1 is Go's, which carries bodies whole. Default 2. */
  wire?: 1 | 2 | undefined
  limits?: Limits | undefined
  /** The most requests that the service has in hand at a time; it refuses more, and callers go elsewhere. Default 5000. */
  maxInflight?: number | undefined
  /** Milliseconds that `close` gives the requests in flight. `Infinity`: all they take. Default 5000. */
  drainTimeout?: number | undefined
  /** Milliseconds within which a host that does not answer any more is gone, 300 to 600,000. Default 1500. */
  lostAfter?: number | undefined
  /** How often, and when, a call is tried again. `false`: never. */
  retry?: false | RetryDefaults | undefined
  /** Which of a service's instances is called: each in turn, or the idler of two at random. Default `round-robin`. */
  balance?: Balance | undefined
  /** Encrypts everything, and lets in only whom `allow` names. Default: open to everyone on the network. */
  security?: Security | undefined
  /** Anything with pino's `trace`, `debug`, `info`, `warn`, `error`. Default: pino at `logLevel`. */
  logger?: Logger | undefined
  /** For the default logger. Default `silent`. */
  logLevel?: LogLevel | undefined
}

export interface RetryOptions {
  /** The most instances that a call is sent to, the first among them: 1 to 100. Default 3. */
  tries?: number | undefined
  /** `true`: also a call that may have run and is not idempotent, such as POST, is sent again. Default `false`. */
  nonIdempotent?: boolean | undefined
  /**
   * When an idempotent call that was not answered is sent to a further instance as well. Default: when its instance is silent,
   * and not just slow. Milliseconds: after that time. `p95`: when it takes longer than 95 % of the service's recent answers
   * took. `false`: never.
   */
  hedgeAfter?: number | `p${number}` | false | undefined
}

export interface RetryDefaults extends RetryOptions {
  /** The most further tries, as a share of recent calls: 0 to 1. Default 0.2. */
  budget?: number | undefined
}

export type Balance = 'round-robin' | 'least-pending'

/** Sleuth's own options of a call. */
export interface CallOptions {
  /** How often, and when, this call is tried again, where it differs from the options. `false`: never. */
  retry?: false | RetryOptions | undefined
  /**
   * If no instance is known, wait for one: so many milliseconds, or with `true` as long as the timeout allows, which covers
   * the waiting. Default: fail at once.
   */
  waitFor?: number | boolean | undefined
  /** Milliseconds until the call fails with `SLEUTH_TIMEOUT`. `Infinity`: never. */
  timeout?: number | undefined
  /**
   * `false`: this call is not bound to the request whose client makes it. It takes neither deadline nor headers from it,
   * and goes on when its caller hangs up. Means nothing to a client that belongs to no request.
   */
  inherit?: boolean | undefined
}

export type DoInput = string | URL | Request

/** What a call of `do` or `fetch` may say beside what `fetch` takes. */
export interface FetchOptions extends CallOptions {
  /** `false`: a body with a `content-encoding` is handed out as it came, as a proxy wants it. Default `true`. */
  decompress?: boolean | undefined
}

/** What `fetch` takes, and sleuth's own options. `redirect` is `manual` by default. */
export interface DoInit extends RequestInit, FetchOptions {}

/** What `fetch` takes, and sleuth's own options under one name. Whatever else a library puts into it is ignored. */
export interface FetchInit extends RequestInit {
  sleuth?: FetchOptions | null | undefined
}

export type HeadersInput =
  | Headers
  | ReadonlyMap<string, string | readonly string[]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | readonly (readonly [string, string])[]

/** What `fetch` takes as a body, and any async iterable of bytes or strings. */
export type BodyInput =
  | RequestInit['body']
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>

export interface RequestOptions extends CallOptions {
  /** Default `GET`. Sent in upper case, as by Node's `http.request`. */
  method?: string | undefined
  headers?: HeadersInput | undefined
  body?: BodyInput | undefined
  signal?: AbortSignal | null | undefined
}

export interface LeanResponse {
  readonly status: number
  /** By lower-case name, as `http.IncomingMessage.headers` has them: `set-cookie` is always an array. */
  readonly headers: Record<string, string | string[]>
  readonly body: Buffer
}

export interface WaitOptions {
  /** Milliseconds. Default: without end. */
  timeout?: number | undefined
  signal?: AbortSignal | null | undefined
}

/** One process, or one app in it, that offers a service. */
export interface Instance {
  readonly id: string
  readonly name: string
  readonly version: string
  /** `tcp://ip:port` */
  readonly endpoint: string
  /** The version of sleuth's wire that is spoken with it. */
  readonly wire: number
}

export interface Service {
  readonly service: string
  readonly instances: readonly Instance[]
}

/**
 * How far we have come with a node. `connecting`: it was heard, and is not met yet. `unreachable`: it is heard by UDP, and no TCP
 * connection to it can be made. `unanswered`: we are connected to it, and it makes no connection to us. `refused`: it does not let
 * our key in. `connected`: met; if it offers a service, calls go there.
 */
export type PeerState = Reach

/** A node that was heard of, with or without a service. */
export interface PeerInfo {
  readonly id: string
  /** A name for people, as in `Instance`. Undefined until it has greeted us. */
  readonly name: string | undefined
  /** What it offers in our group. Undefined if that is nothing, and until it has greeted us. */
  readonly service: string | undefined
  /** Where it is said to be: `tcp://ip:port` */
  readonly endpoint: string
  readonly state: PeerState
  /** When it came into this state: milliseconds since 1970, as `Date.now()`. */
  readonly since: number
}

/** `left`: it left the group, and answers what it has begun. `closed`: we closed. Others: see `ExitReason`. */
export type DownReason = 'left' | 'closed' | ExitReason

export interface UpEvent {
  readonly service: string
  readonly instance: Instance
}

export interface DownEvent extends UpEvent {
  readonly reason: DownReason
}

export interface SleuthEvents {
  up: [event: UpEvent]
  down: [event: DownEvent]
}

export interface SleuthStats {
  /** Calls made by `do` and `request`. */
  calls: number
  /** Calls that were answered, whatever the status. */
  answers: number
  /** Calls that wait for their answer now. */
  pending: number
  /** Requests that the handler was given. */
  requests: number
  /** Replies sent. */
  replies: number
  /** Requests that were given to no handler, since this instance leaves or has enough to do. */
  refused: number
  /** Requests that the handler has in hand now: what `maxInflight` limits. */
  inflight: number
  /** Those among them whose answer nobody waits for any more. */
  abandoned: number
  /** Calls that were sent again after a try had failed. */
  retries: number
  /** Calls that were sent to a further instance while another kept silent. */
  hedges: number
  /** Failed calls and waits by code. */
  errors: Record<string, number>
  /** Messages that were thrown away, by reason. */
  dropped: Record<string, number>
  bytesSent: number
  bytesReceived: number
  /** Peers on the network, with or without a service. */
  peers: number
}

export interface Sleuth {
  /** As `fetch`, for `sleuth://service/path` URLs, with sleuth's own options beside those of `fetch`. Bound. */
  readonly do: (input: DoInput, init?: DoInit) => Promise<Response>
  /**
   * For libraries that take a `fetch`: sleuth's own options are under `init.sleuth`, redirects are followed, and without a
   * timeout a call that has a `signal` waits for that. Bound.
   */
  readonly fetch: (input: DoInput, init?: FetchInit) => Promise<Response>
  /** The lean call: no WHATWG objects, and a URL that is split, never normalised. Bound. */
  readonly request: (url: string, init?: RequestOptions) => Promise<LeanResponse>
  /** Resolves when every service named has an instance; at once when they all have. A number is the timeout in milliseconds. */
  waitFor(services: string | readonly string[], options?: WaitOptions | number): Promise<void>
  /** What is known now, in the order in which it was found. */
  services(): Service[]
  /** Every node that was heard of, met or not: at most `limits.peers`. Empty before joining and after `close`. */
  peers(): PeerInfo[]
  on<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this
  once<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this
  off<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this
  stats(): SleuthStats
  /**
   * Tells the others to call this instance no more, and refuses what they still send. Calls of one's own go on until `close`.
   * Resolves when the requests in hand are answered; what takes longer than `drainTimeout` is cut off. Does not throw.
   */
  leave(): Promise<void>
  /** Leaves the network: says so, lets requests in flight finish, closes every socket. A second call rejects with `SLEUTH_CLOSED`. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
