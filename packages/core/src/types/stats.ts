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
