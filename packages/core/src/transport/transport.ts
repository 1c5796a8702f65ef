/**
 * The seam between the wires and the two ends of a call. A wire decodes requests and carries responses; it knows neither the
 * app that answers nor the caller that waits.
 */

/** A request as a wire decoded it. Nothing in it is trusted yet. */
export interface IncomingRequest {
  /** `''` means GET, as in Go. */
  readonly method: string
  /** Path and query; may be `''`, hold a fragment, or Go's `//user:password@/path`. */
  readonly url: string
  /** Name, value, name, value, …: the shape of `IncomingMessage.rawHeaders`. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
  /** More of the body follows, by `RequestExchange.push` and `endBody`. */
  readonly more?: boolean
  /** Milliseconds after which the caller does not wait for the head of the response any more. None: it always does. */
  readonly deadline?: number | undefined
}

/** Why a response was never finished. */
export type AbortReason =
  /** The handler destroyed its request, its response or their socket. */
  | 'destroyed'
  /** The listener threw, or its promise was rejected, after the head of its response had gone. */
  | 'failed'
  /** The handler did not answer within the dispatcher's limit. */
  | 'timeout'
  /** The request did not come to its end in time. */
  | 'slow'
  /** The request is longer or shorter than its `content-length` says. */
  | 'length'
  /** The response is larger than the wire takes. */
  | 'too-large'
  /** The caller hung up, or is gone. */
  | 'hung-up'
  /** This node closed. */
  | 'closed'

/** Called once what was handed over is taken care of; with an error, if it never will be. */
export type Done = (error?: Error | null) => void

/**
 * Where a response goes: `head` once, `data` any number of times, then either `end` or `cut`, once; or `cut`
 * alone. None of them may throw: they are called from inside the handler's `res.write` and `res.end`.
 */
export interface ResponseSink {
  /** `headers` alternates names and values, as the handler wrote them; hop-by-hop fields are left out. */
  head(status: number, message: string, headers: string[]): void
  /**
   * The chunks belong to the handler again once `done` is called: copy what is kept. Calling `done` later
   * slows the handler down; calling it with an error destroys the response.
   */
  data(chunks: readonly Buffer[], done: Done): void
  end(): void
  cut(reason: AbortReason): void
  /** True for a wire that carries a response in parts: once its head has gone, it has no limit of time. */
  readonly streams?: boolean
  /** The handler reads on, after it was given more than it wanted. */
  resumed?(): void
  /** The reply is over, and nobody reads the rest of the request. */
  unread?(): void
}

/** A request that the server has taken: the wire gives it the rest of the body, and says when it is given up. */
export interface RequestExchange {
  /** False: more than the handler wants; `ResponseSink.resumed` is called when it reads on. */
  push(bytes: Buffer): boolean
  /** Whether so many bytes more fit the `content-length` of the request. `end`: they are the last. */
  expects(bytes: number, end: boolean): boolean
  endBody(): void
  /** The rest of the body never comes, and the response is complete. */
  cutBody(): void
  abort(reason: AbortReason): void
  /** Runs a function in the async context of the request. */
  run(work: () => void): void
}
