import type { Instance, Labels } from './instances.js'

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

/** An instance of a service that calls with the same `version` and `where` can go to. */
export interface AwaitedService extends Pick<CallOptions, 'version' | 'where'> {
  service: string
}

export interface WaitOptions {
  /** Milliseconds until the wait fails with `SLEUTH_TIMEOUT`. Default: no limit. */
  timeout?: number | undefined
  signal?: AbortSignal | null | undefined
}
