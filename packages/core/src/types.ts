import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Allow, Discovery, ExitReason, KeyPair, Listen, Logger, Reach } from '@sleuth/zre'

export type { Allow, Discovery, KeyPair, Listen, Logger } from '@sleuth/zre'

/** The node that sent a request. All requests of a peer have the same frozen object. */
export interface SleuthPeer {
  /** The id, as in `Instance`: 32 uppercase hex digits. A node gets a new id each time that it joins. */
  readonly id: string
  /** A name for people, as in `Instance`: the option `name` of the node, else the first six digits of the id. */
  readonly name: string
  /** The service that the node says it offers. Undefined for a node that only calls. */
  readonly service: string | undefined
  /** The IP address of the node's inbox. Unless `verified`, it is what the node says of itself. */
  readonly address: string
  /**
   * True if the node is at `address`: it has read a token that was sent only there, and each of its messages shows that token
   * (RFC 9000 section 8.2 has the idea). False for sleuth in Go, and for other nodes that do not show the token. The request's
   * socket has a `remoteAddress` only if this is true.
   */
  readonly verified: boolean
  /** The public key that the node has proved to hold, in Z85. Undefined on a network without keys. */
  readonly publicKey: string | undefined
}

/**
 * A request that may have come over sleuth. `IncomingMessage` itself does not declare `sleuthPeer`: Node's typings have it in
 * two modules, `http` and `node:http`, and their version decides which is the alias.
 */
export interface SleuthRequest extends IncomingMessage {
  /** The caller. Undefined for a request over HTTP. */
  readonly sleuthPeer?: SleuthPeer | undefined
}

/** Any Node request listener: an Express app, `koa.callback()`, `fastify.routing`, a plain function. */
export type RequestListener = (req: SleuthRequest, res: ServerResponse) => unknown

/** What a fetch handler is given beside its request. */
export interface FetchContext {
  /** Node's own request. */
  readonly incoming: SleuthRequest
  /** Node's own response, for the address and the socket. The `Response` that the handler gives is written to it. */
  readonly outgoing: ServerResponse
  /** The node that called. Undefined over HTTP. */
  readonly peer: SleuthPeer | undefined
}

/** A handler of Hono, H3, Elysia and others that speak WHATWG: see `serve`. */
export type FetchHandler = (request: Request, context: FetchContext) => Response | Promise<Response>

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

export interface RetryOptions {
  /** The most instances that a call is sent to, with the first: 1 to 100. Default 3. */
  tries?: number | undefined
  /** `true`: sleuth also sends a call again that may have run and is not idempotent, such as POST. Default `false`. */
  nonIdempotent?: boolean | undefined
  /**
   * When sleuth sends an idempotent call that waits to a further instance as well (a hedged request). Default: when its instance
   * is silent, not when it is slow. Milliseconds: after that time. `p95`: when it takes longer than 95 % of the service's recent
   * responses. `false`: never.
   */
  hedgeAfter?: number | `p${number}` | false | undefined
}

export interface RetryDefaults extends RetryOptions {
  /** The most further tries, as a share of recent calls: 0 to 1. Default 0.2. */
  budget?: number | undefined
}

/** Labels of an instance, by name. */
export type Labels = Readonly<Record<string, string>>

export type Balance = 'round-robin' | 'least-pending'

/** Sleuth's own options of a call. */
export interface CallOptions {
  /** How often, and when, sleuth tries this call again. Each field takes precedence over the options. `false`: never. */
  retry?: false | RetryOptions | undefined
  /**
   * If no instance is known, the call waits for one: this many milliseconds, or with `true` as long as the timeout allows. The
   * timeout includes the wait. Default: `options.waitFor`.
   */
  waitFor?: number | boolean | undefined
  /** Which instance is called. Default: `options.balance`. */
  balance?: Balance | undefined
  /** Only instances whose version is in this range, as npm means it: `^2.1`. One whose version is none matches `*` alone. */
  version?: string | undefined
  /** Only instances that announce these labels, or for which the function returns true. */
  where?: Labels | ((instance: Instance) => boolean) | undefined
  /** Instances with these labels, or for which the function returns true, or on this host, as long as one can be called. */
  prefer?: Labels | 'host' | ((instance: Instance) => boolean) | undefined
  /** Calls with the same key go to the same instance, as long as it is there. Every caller finds the same one. */
  key?: string | undefined
  /** Milliseconds to the head of the response; then the call fails with `SLEUTH_TIMEOUT`. `Infinity`: no limit. */
  timeout?: number | undefined
  /**
   * `false`: this call is not bound to the request whose client makes it. It inherits neither deadline nor headers, and goes on
   * when the caller of the request hangs up. It has no effect in a client that belongs to no request.
   */
  inherit?: boolean | undefined
}

export type DoInput = string | URL | Request

/** What `do` and `fetch` take beside what Node's `fetch` takes. */
export interface FetchOptions extends CallOptions {
  /** `false`: a body with a `content-encoding` stays as it came, as a proxy wants it. Default `true`. */
  decompress?: boolean | undefined
}

/** What `fetch` takes, and sleuth's own options. `redirect` is `manual` by default. */
export interface DoInit extends RequestInit, FetchOptions {}

/** What `fetch` takes, and sleuth's own options under one name. Sleuth ignores everything else. */
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
  /** The headers by lower-case name, as in `http.IncomingMessage.headers`: `set-cookie` is always an array. */
  readonly headers: Record<string, string | string[]>
  readonly body: Buffer
}

export interface WaitOptions {
  /** Milliseconds until the wait fails with `SLEUTH_TIMEOUT`. Default: no limit. */
  timeout?: number | undefined
  signal?: AbortSignal | null | undefined
}

/** One process, or one app in a process, that offers a service. */
export interface Instance {
  readonly id: string
  readonly name: string
  readonly version: string
  /** `tcp://ip:port` */
  readonly endpoint: string
  /** The version of sleuth's wire that the two nodes speak. */
  readonly wire: number
  /** The labels that it announces: its option `meta`. */
  readonly meta: Labels
  /** False while its option `ready` says that it wants no calls: then calls go to others, as long as one is ready. */
  readonly ready: boolean
}

export interface Service {
  readonly service: string
  readonly instances: readonly Instance[]
}

/**
 * The state of a node for us. `connecting`: it was heard, and is not met yet. `unreachable`: it is heard by UDP, and no TCP
 * connection to it can be made. `unanswered`: we are connected to it, and it makes no connection to us. `refused`: it does not let
 * our key in. `connected`: it is met, and calls to its service go there. `idle`: others have told of it, and there is no connection
 * to it, since none was needed so far.
 */
export type PeerState = Reach | 'idle'

/** A node that was heard of, with or without a service. */
export interface PeerInfo {
  readonly id: string
  /** A name for people, as in `Instance`. Undefined until it has greeted us. */
  readonly name: string | undefined
  /** The service that it offers in our group. Undefined if it offers none, and until it has greeted us. */
  readonly service: string | undefined
  /** Its endpoint, `tcp://ip:port`, as it was heard. */
  readonly endpoint: string
  readonly state: PeerState
  /** When it entered this state: milliseconds since 1970, as `Date.now()`. */
  readonly since: number
}

/** `left`: it left the group, and finishes its requests in flight. `closed`: we closed. `ExitReason` has the others. */
export type DownReason = 'left' | 'closed' | Exclude<ExitReason, 'parted'>

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
  /** An event came that a listener of `subscribe` gets. */
  event: [event: EmittedEvent]
}

/** An event that a node has emitted. */
export interface EmittedEvent<Data = unknown> {
  readonly topic: string
  /**
   * By the header `content-type`: what JSON says, a string for `text/…`, else a `Buffer`. `undefined` if it was emitted without
   * data. It is anyone's.
   */
  readonly data: Data
  /** One for each event in the network. */
  readonly id: string
  /** The node that has emitted it. */
  readonly source: SleuthPeer
  /** When it was emitted, by the clock of `source`: milliseconds since 1970. */
  readonly time: number
  /** By lower-case name. The object has no prototype. */
  readonly headers: Readonly<Record<string, string>>
}

export interface EmitOptions {
  /**
   * Whom an event goes to. `each`: one instance of each service that subscribes, in turn, and every node without a service that
   * does. `all`: every node that subscribes. Names of services: one instance of each of them that subscribes. A list is taken for
   * names in any case. Default `each`.
   */
  to?: 'each' | 'all' | (string & {}) | readonly string[] | undefined
  /** Sent with the event: at most 64, and 16 KiB with the topic. */
  headers?: HeadersInput | undefined
  /** Milliseconds for which an event waits for a subscriber, if none is known. Default: it does not, and goes to nobody. */
  waitFor?: number | undefined
  /** Ends the wait for a subscriber or for room. It takes back no event that was handed over. */
  signal?: AbortSignal | null | undefined
  /** `false`: the event of a request's client carries no trace headers of the request. */
  inherit?: boolean | undefined
}

export interface SubscribeOptions {
  /**
   * The most events whose listener has not settled its promise: 1, for one event after the other. More wait, up to
   * `limits.eventQueue`. Default 1000.
   */
  concurrency?: number | undefined
}

export interface Subscription {
  readonly pattern: string
  /** The listener gets no further events, those that wait included. A second call does nothing. */
  close(): void
  [Symbol.dispose](): void
}

/** What a client of one service adds to its calls, unless a call says otherwise. */
export interface ServiceDefaults
  extends Pick<
    CallOptions,
    'timeout' | 'retry' | 'waitFor' | 'balance' | 'version' | 'where' | 'prefer' | 'key'
  > {
  /** A call's own headers go before those of the same name. */
  headers?: HeadersInput | undefined
}

export type ServiceEvents = Pick<SleuthEvents, 'up' | 'down'>

/** The client of one service: its calls take a path, such as `/comments?author=1`. A URL must be one of the service. */
export interface ServiceClient {
  readonly name: string
  /** As `sleuth.do`. A bound function. */
  readonly do: (input: DoInput, init?: DoInit) => Promise<Response>
  /** As `sleuth.fetch`, for libraries that take a `fetch`. A bound function. */
  readonly fetch: (input: DoInput, init?: FetchInit) => Promise<Response>
  /** As `sleuth.request`. A bound function. */
  readonly request: (path: string, init?: RequestOptions) => Promise<LeanResponse>
  /** Resolves when the service has an instance. */
  waitFor(options?: WaitOptions | number): Promise<void>
  /** The instances that are known now. */
  instances(): readonly Instance[]
  /** `up` and `down` of this service's instances. */
  on<E extends keyof ServiceEvents>(event: E, listener: (...args: ServiceEvents[E]) => void): this
  off<E extends keyof ServiceEvents>(event: E, listener: (...args: ServiceEvents[E]) => void): this
}

export interface SleuthStats {
  /** Calls of `do`, `fetch` and `request`. */
  calls: number
  /** Calls that got a response, whatever its status. */
  answers: number
  /** Calls that wait for the head of their response now. */
  pending: number
  /** Requests that the handler got. */
  requests: number
  /** Responses that were sent. */
  replies: number
  /** Requests that no handler got, because this instance leaves or is overloaded. */
  refused: number
  /** Requests that the handler has not finished now: `maxInflight` limits them. */
  inflight: number
  /** Requests in flight whose response nobody waits for. */
  abandoned: number
  /** Calls that were sent again because a try had failed. */
  retries: number
  /** Calls that were sent to a further instance while another was silent. */
  hedges: number
  /** Calls of `emit`. */
  emits: number
  /** Events that were handed to subscribers: one for each subscriber. */
  eventsSent: number
  /** Events that came for a listener. */
  eventsReceived: number
  /** Listeners of events that threw, or whose promise was rejected. */
  listenerErrors: number
  /** Failed calls and waits by code. */
  errors: Record<string, number>
  /** Messages that were thrown away, by reason. `docs/api.md` lists the reasons. */
  dropped: Record<string, number>
  bytesSent: number
  bytesReceived: number
  /** Peers that are present now, with or without a service. */
  peers: number
}

/** What a node can be asked about itself: see `Sleuth.inspect`. */
export type InspectSubject = 'info' | 'stats' | 'links' | 'probe'

export interface InspectOptions {
  /** Milliseconds until the question fails with `SLEUTH_INSPECT_TIMEOUT`. `Infinity`: no limit. Default 2000. */
  timeout?: number | undefined
  signal?: AbortSignal | null | undefined
}

/**
 * What every report may have. A report is what the node says of itself, as JSON: a node of another version may leave fields out, and
 * have others. Text in it is anyone's.
 */
export interface Report {
  /** The report was larger than 64 KiB: how many of the last entries of each list or table are left out. */
  readonly truncated?: Readonly<Record<string, number>> | undefined
}

/** Who a node is. */
export interface InfoReport extends Report {
  readonly id: string
  /** A name for people, as in `Instance`. */
  readonly name: string
  /** Undefined for a node that only calls. */
  readonly service?: string | undefined
  readonly version: string
  readonly group: string
  /** When it joined, in ISO 8601. */
  readonly started: string
  /** Whether it wants calls now. Always `true` without a service. */
  readonly ready: boolean
  /** The name of its host, and its process id there. */
  readonly host: string
  readonly pid: number
  /** The version of Node.js, without `v`. */
  readonly node: string
  /** Operating system and processor, such as `linux-x64`. */
  readonly platform: string
  /** The version of `@sleuth/core`. */
  readonly sleuth: string
  /** `tcp://ip:port` */
  readonly endpoint: string
  /** The name of its network interface, such as `eth0`. */
  readonly interface: string
  /** How it looks for others: `beacon`, `host`, `seeds`, and the names of its own discoveries. */
  readonly discovery: readonly string[]
  /** The wires that it speaks. */
  readonly wires: readonly number[]
  /** Its options `limits` and `maxInflight`, in their units. `null`: no limit. */
  readonly limits: Readonly<Record<string, number | null>>
}

/**
 * Milliseconds that half, 95 % and 99 % of calls or requests did not exceed, of all since the node joined. Estimates: they are
 * right within a factor of 2. `null` while there were none.
 */
export interface DurationStats {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** The same, with what they are estimated from. */
export interface DurationSlots extends DurationStats {
  /**
   * How many took less than 0.25 ms, how many longer but less than 0.5 ms, and so on, each bound twice the one before, up to 16,384
   * ms; last, how many took longer. Slots after the last that has any are left out. The difference of two reports is of the time
   * between them.
   */
  readonly slots: readonly number[]
}

/** The calls of a node to one service. */
export interface ServiceCallStats extends DurationSlots {
  readonly calls: number
  /** Calls that got no response. A status is no error. */
  readonly errors: number
  readonly retries: number
  readonly hedges: number
}

/** Requests that a handler got. */
export interface RequestStats {
  readonly requests: number
  /** Responses by the class of their status, such as `2xx`. */
  readonly statuses: Readonly<Record<string, number>>
  /** Requests whose caller hung up, and responses that were cut off. */
  readonly aborted: number
}

/** The requests of one caller, to the end of the response. */
export interface CallerStats extends RequestStats, DurationStats {
  /** `<other>`, and the same as its name: all callers that have no entry of their own, together. */
  readonly id: string
  readonly name: string
  readonly service?: string | undefined
}

export interface ProcessStats {
  /** Bytes of memory: of the process, and of its JavaScript heap. */
  readonly rss: number
  readonly heapUsed: number
  /** Milliseconds since the process started, and those of processor time that it took. */
  readonly uptime: number
  readonly cpu: number
  /** Milliseconds for which the event loop worked, and for which it waited. */
  readonly loop: { readonly active: number; readonly idle: number }
}

/** How a node does. Counters count from when it joined: ask twice for a rate. */
export interface StatsReport extends Report {
  /** As `sleuth.stats()` of the node. */
  readonly stats: SleuthStats
  readonly served: RequestStats & DurationSlots
  /** By service: at most 100, and `<other>` for the rest. */
  readonly calls: Readonly<Record<string, ServiceCallStats>>
  /** At most 100, and `<other>` for the rest. A new caller takes the place of one that has left. */
  readonly callers: readonly CallerStats[]
  readonly process: ProcessStats
}

/** What a node knows of another. */
export interface LinkInfo {
  readonly id: string
  readonly name?: string | undefined
  readonly service?: string | undefined
  readonly endpoint: string
  /** As in `PeerInfo`. */
  readonly state: PeerState
  readonly since: number
  /** The newest wire that both speak. Undefined until it has greeted. */
  readonly wire?: number | undefined
  /** Calls go by a TCP connection of their own, and not by ZeroMQ. */
  readonly direct: boolean
  readonly encrypted: boolean
  /** Who has made a connection: `both`, `ours` (it can't connect to us), `theirs` (we can't connect to it). */
  readonly connections?: 'both' | 'ours' | 'theirs' | undefined
  /** Milliseconds to its event loop and back, as last measured. Undefined until it was. */
  readonly rtt?: number | undefined
  /** Bytes that wait to be sent to it. */
  readonly backlog: number
  /** Milliseconds since its last message. Undefined until one came. */
  readonly heard?: number | undefined
}

/** Whom a node knows. */
export interface LinksReport extends Report {
  readonly links: readonly LinkInfo[]
  /** What it threw away since it joined, by reason: as `stats().dropped`. */
  readonly dropped: Readonly<Record<string, number>>
  /** Milliseconds since it last threw something away, by reason. */
  readonly lastDropped: Readonly<Record<string, number>>
}

/** Whether a node can connect back to the one that asks it. */
export interface ProbeReport extends Report {
  /** The endpoint that was tried: that of the asking node, as its peer knows it. */
  readonly endpoint: string
  /** A new connection was made, with the handshake of ZMTP, and with keys that of CURVE. */
  readonly reached: boolean
  /** Milliseconds that it took. */
  readonly ms: number
  /** Why it was not reached. */
  readonly why?: string | undefined
}

/** The reports, by their subject. */
export interface Reports {
  info: InfoReport
  stats: StatsReport
  links: LinksReport
  probe: ProbeReport
}

export interface Sleuth {
  /**
   * Makes a call as `fetch` does, to `sleuth://service/path`, with sleuth's own options beside those of `fetch`. A bound function.
   * Rejects with a `SleuthError`.
   */
  readonly do: (input: DoInput, init?: DoInit) => Promise<Response>
  /**
   * `do` for libraries that take a `fetch`: sleuth's own options are under `init.sleuth`, it follows redirects, and a call with a
   * `signal` and no timeout waits until the signal aborts. A bound function.
   */
  readonly fetch: (input: DoInput, init?: FetchInit) => Promise<Response>
  /** The lean call: it makes no WHATWG objects, and splits the URL without normalising it. A bound function. */
  readonly request: (url: string, init?: RequestOptions) => Promise<LeanResponse>
  /** The client of one service, with defaults of its own: `sleuth.service('users', { timeout: 2000 }).do('/42')`. */
  service(name: string, defaults?: ServiceDefaults): ServiceClient
  /** Resolves when each named service has an instance, at once when all have. A number is the timeout in milliseconds. */
  waitFor(services: string | readonly string[], options?: WaitOptions | number): Promise<void>
  /** The services that are known now, in the order in which they were found. */
  services(): Service[]
  /** Every node that was heard of, met or not. Empty before the node joins and after `close`. */
  peers(): PeerInfo[]
  on<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this
  once<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this
  off<E extends keyof SleuthEvents>(event: E, listener: (...args: SleuthEvents[E]) => void): this
  /**
   * Tells the nodes that subscribe to a topic of an event. Data is sent as JSON, or as it is if it is a string or bytes. Resolves
   * to the number of subscribers that the event was handed to, when more events may follow: one event is delivered at most once,
   * and those of one node in their order. A bound function. Rejects with a `SleuthError`.
   */
  readonly emit: (topic: string, data?: unknown, options?: EmitOptions) => Promise<number>
  /**
   * Calls a listener with each event of a topic, such as `order.created`, or of all topics that a pattern stands for: `*` is one
   * word, `>` at the end one or more. Throws a `SleuthError`.
   */
  subscribe<Data = unknown>(
    pattern: string,
    listener: (event: EmittedEvent<Data>) => unknown,
    options?: SubscribeOptions,
  ): Subscription
  stats(): SleuthStats
  /**
   * Asks a node about itself. `peer` is the id of an instance or of a peer, with a service or without, or of this node itself.
   * `info`: who it is. `stats`: how it does. `links`: whom it knows. `probe`: whether it can connect back to this node. The app of
   * the other node notices nothing. Rejects with a `SleuthError`.
   */
  inspect<S extends InspectSubject>(peer: string, subject: S, init?: InspectOptions): Promise<Reports[S]>
  /** The counters of `stats`, and how long calls and requests took, as OpenMetrics text for Prometheus. */
  metrics(): string
  /**
   * Tells the others to stop calling this instance, and refuses the requests that they still send. Your own calls go on until
   * `close`. Resolves when the requests in flight are answered, and cuts off those that take longer than `drainTimeout`. Never
   * rejects.
   */
  leave(): Promise<void>
  /**
   * Leaves the network: tells the others, lets the requests in flight finish, and closes every socket. A second call rejects with
   * `SLEUTH_CLOSED`.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
