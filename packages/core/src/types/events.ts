import type { HeadersInput } from './calls.js'
import type { SleuthPeer } from './handlers.js'
import type { DownEvent, UpEvent } from './instances.js'

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
