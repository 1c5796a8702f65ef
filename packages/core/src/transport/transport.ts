import type { Peer } from '@sleuth/zre'
import type { Rejection } from '../http/headers.js'
import type { DownReason, Instance } from '../types.js'

/**
 * The seam between the wires and the two ends of a call. A wire carries requests and responses; it knows neither the app that
 * answers nor the caller that waits.
 */

/** The bytes of a body, one chunk after the other. */
export interface BodySource {
  /** The next bytes, or undefined at the end. */
  next(): Promise<Uint8Array | undefined>
  /** Ends it early. Works while a `next` waits for a chunk that may never come. */
  cancel(reason?: unknown): void
}

/** A request on its way out. */
export interface OutgoingRequest {
  /** Milliseconds for which the caller waits for the head of the response. 0: without end. */
  readonly deadline: number
  readonly method: string
  /** Path, query and fragment. */
  readonly url: string
  /** Name, value, name, value, … */
  readonly headers: readonly string[]
  /** The whole body, or a function that opens a body that is read while it is sent. */
  readonly body: Uint8Array | (() => BodySource)
  /** The bytes of the body, where they are known, and the headers do not tell. */
  readonly length: number | undefined
}

/** Why a service ended a call before its response was complete. */
export type ResetReason =
  | Rejection
  | 'cancelled'
  | 'destroyed'
  | 'failed'
  | 'timeout'
  | 'closed'
  | 'protocol'
  | 'lost'

/** Why a call ended before its response was complete. */
export type CloseReason =
  | { readonly type: 'reset'; readonly why: ResetReason }
  /** The peer is gone. */
  | { readonly type: 'gone'; readonly reason: DownReason }
  /** The request could not be sent. */
  | { readonly type: 'unsent'; readonly error: unknown }
  /** The body of the request could not be read. */
  | { readonly type: 'body'; readonly error: unknown }
  /** This node closed. */
  | { readonly type: 'closed' }

/** A response's body that is still on its way. */
export interface ResponseBody {
  /** The next bytes, or undefined at the end. */
  read(): Promise<Buffer | undefined>
  /** Nobody reads the rest. */
  cancel(): void
  /** What has come is read first; then a read rejects. */
  fail(error: unknown): void
  /** The whole body. `tooLarge` makes the error of one above the limit. */
  gather(limit: number, tooLarge: () => unknown): Promise<Buffer>
  /** When this object is collected, nobody can read the body any more. Undefined: somebody reads it to its end. */
  heldBy(holder: object | undefined): void
}

/** What a caller is told of its request. */
export interface ResponseHandler {
  /** The body of the request was read as a whole: it can be sent again. */
  onBodyRead(bytes: Uint8Array): void
  /** The head of the response, with the whole body or with what follows. At most once. */
  /** `message`: as the service wrote it. `''` where the wire carries none. */
  onResponse(status: number, message: string, headers: string[], body: Buffer | ResponseBody): void
  /** The response does not come, or its body breaks off. `sent`: the request has left, and may have run. */
  onError(reason: CloseReason, sent: boolean): void
  /** Nothing more goes either way. */
  onEnd(): void
  /** It takes long until the request can leave. True: it is given up, because another instance can take it. */
  goesElsewhere?(): boolean
}

/** A request that is under way. */
export interface RequestStream {
  /** The request has left, or leaves at the end of this turn: it may have run. */
  readonly sent: boolean
  /** Nothing more goes either way. */
  readonly closed: boolean
  /** Nobody waits for the response, or reads it, any more. The handler hears nothing but `onEnd`. */
  cancel(): void
  /** As `cancel`; a body that is being read fails with the reason at once. */
  abort(reason: unknown): void
  /** The body that follows the head has to come to so many bytes. */
  expectLength(length: number): void
}

/** One wire, as callers see it. */
export interface ClientTransport {
  /** Throws for a request that this wire cannot carry. The handler may be called before this returns. */
  request(instance: Instance, request: OutgoingRequest, handler: ResponseHandler): RequestStream
}

/** A request as a wire decoded it. Nothing in it is trusted yet. */
export interface IncomingRequest {
  /** `''` means GET, as in Go. */
  readonly method: string
  /** Path and query; may be `''`, hold a fragment, or Go's `//user:password@/path`. */
  readonly url: string
  /** Name, value, name, value, …: the shape of `IncomingMessage.rawHeaders`. */
  readonly headers: readonly string[]
  /** The whole body, if it came with the head. */
  readonly body: Buffer | null
  /** The body follows, by `RequestExchange.push` and `endBody`. */
  readonly more?: boolean
  /** Milliseconds after which the caller does not wait for the head of the response any more. None: it always does. */
  readonly deadline?: number | undefined
  /** The limit of one peer that this request exceeds on its wire, by the name of its counter. */
  readonly excess?: 'peer-streams' | 'peer-buffered' | undefined
}

/** The server's end of the seam. A wire hands each request over here; it neither counts requests nor knows the app. */
export interface RequestServer {
  /** Takes a request or rejects it. Does not throw: the sink gets the one response, or hears that there is none. */
  accept(peer: Peer, request: IncomingRequest, sink: ResponseSink): void
}

/** Why a response was never finished. */
export type AbortReason =
  /** The handler destroyed its request, its response or their socket. */
  | 'destroyed'
  /** The listener threw, or its promise was rejected, after the head of its response had gone. */
  | 'failed'
  /** The handler did not answer within the server's limit. */
  | 'timeout'
  /** The request did not come to its end in time. */
  | 'slow'
  /** The request is longer or shorter than its `content-length` says. */
  | 'length'
  /** The response is larger than the wire takes. */
  | 'too-large'
  /** The handler gave the request back before it did anything: another instance may take it. */
  | 'refused'
  /** The caller gave the request up, or is gone. */
  | 'client-disconnected'
  /** This node closed. */
  | 'closed'

/** Called once what was handed over is taken care of; with an error, if it never will be. */
export type Done = (error?: Error | null) => void

/**
 * Where a response goes. First comes `begin`, `reject`, or the server's own error response. After `begin` comes `head`, once,
 * and `data`, any number of times, and then either `end` or `abort`, once; or `abort` alone. `abort` may follow `end` while
 * data is not done. None of them may throw: the handler's `res.write` and `res.end` call them.
 */
export interface ResponseSink {
  /** The server has taken the request, and runs its handler next. */
  begin(exchange: RequestExchange): void
  /** No handler gets the request; another instance may take it. */
  reject(rejection: Rejection): void
  /** `headers` alternates names and values, as the handler wrote them; hop-by-hop fields are left out. */
  head(status: number, message: string, headers: string[]): void
  /**
   * The chunks belong to the handler again once `done` is called: copy what is kept. Calling `done` later
   * slows the handler down; calling it with an error destroys the response.
   */
  data(chunks: readonly Buffer[], done: Done): void
  /** No data follows. */
  end(): void
  abort(reason: AbortReason): void
  /** True for a wire that carries a response in parts: once its head has gone, it has no limit of time. */
  readonly streams?: boolean
  /** The handler reads on, after it was given more than it wanted. */
  resumed?(): void
  /** The response is complete, and nobody reads the rest of the request. */
  unread?(): void
}

/** A request that the server has taken. The wire hands it the rest of the body, and reports what becomes of both. */
export interface RequestExchange {
  /** The bytes of a body that comes in parts, as the head tells them. Undefined: it does not. */
  readonly length: number | undefined
  /** The wire has carried the response to its end, or has given it up for a reason. Called once. */
  answered(reason: AbortReason | null): void
  /** False: more than the handler wants; `ResponseSink.resumed` is called when it reads on. */
  push(bytes: Buffer): boolean
  endBody(): void
  /** The rest of the body never comes, though the response is complete. */
  abortBody(): void
  abort(reason: AbortReason): void
  /** Runs a function in the async context of the request. */
  run(work: () => void): void
}
