import type {
  AwaitedService,
  CallOptions,
  DoInit,
  DoInput,
  FetchInit,
  HeadersInput,
  LeanResponse,
  RequestOptions,
  WaitOptions,
} from './calls.js'
import type { EmitOptions, EmittedEvent, SleuthEvents, SubscribeOptions, Subscription } from './events.js'
import type { Instance, PeerInfo, Service } from './instances.js'
import type { InspectOptions, InspectSubject, Reports } from './reports.js'
import type { SleuthStats } from './stats.js'

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
  /** Resolves when the service has an instance that the defaults `version` and `where` allow. */
  waitFor(options?: WaitOptions | number): Promise<void>
  /** The instances that are known now. */
  instances(): readonly Instance[]
  /** `up` and `down` of this service's instances. */
  on<E extends keyof ServiceEvents>(event: E, listener: (...args: ServiceEvents[E]) => void): this
  off<E extends keyof ServiceEvents>(event: E, listener: (...args: ServiceEvents[E]) => void): this
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
  /**
   * Resolves when each service has an instance, at once when all have. `{ service, version, where }`: one that matches. A number is
   * the timeout in milliseconds.
   */
  waitFor(
    services: string | AwaitedService | readonly (string | AwaitedService)[],
    options?: WaitOptions | number,
  ): Promise<void>
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
