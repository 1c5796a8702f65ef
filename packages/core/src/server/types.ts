import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SleuthPeer } from '../types.js'
import type { Place } from './admission.js'

/** What every framework supplies: `fastify.routing`, an Express app, `koa.callback()`. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => unknown

/** Where a request comes from. */
export interface RemoteCaller {
  /** What the handler is told. */
  readonly peer: SleuthPeer
  readonly port: number
}

/** Our end: where this node's inbox listens. */
export interface Local {
  readonly address: string
  readonly port: number
}

/** A request as a wire decoded it. Nothing in it is trusted yet. */
export interface Router {
  /** `''` means GET, as in Go. */
  readonly method: string
  /** Path and query; may be `''`, hold a fragment, or Go's `//user:password@/path`. */
  readonly url: string
  /** Name, value, name, value, …: the shape of `IncomingMessage.rawHeaders`. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
  /** More of the body follows, by `Exchange.push` and `endBody`. */
  readonly more?: boolean
  readonly caller: RemoteCaller
  /** Milliseconds after which the caller does not wait for the head of the response any more. None: it always does. */
  readonly deadline?: number | undefined
  /** Is told when the handler is done with it. */
  readonly place?: Place
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

/** Why a request never reached the handler, or the handler never answered: what is counted and logged. */
export type Refusal =
  | 'method'
  | 'url'
  | 'header-name'
  | 'header-value'
  | 'length'
  | 'expectation'
  | 'url-length'
  | 'header-size'

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
   * The chunks belong to the handler again once `done` is called: copy what is kept. ClientStream `done` later
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

/** What a request's socket and response tell the exchange that they belong to. */
export interface SocketHandler {
  /** The listener returned. */
  returned(result: unknown): void
  /** The request reads on, after `push` had said to wait. */
  resumed(): void
  head(status: number, message: string, headers: string[]): void
  data(chunks: readonly Buffer[], done: Done): void
  /** The last byte of the response was taken. */
  end(): void
  /** The handler ended the response, or gave it a stream to read, after its socket was destroyed. */
  endedLate(): void
  /** The response emits 'finish'. */
  finished(): void
  /** The socket was destroyed. */
  destroyed(): void
  /** The destroyed socket is about to emit 'close'. */
  closed(): void
  /** The socket has been idle for the time that the handler set. */
  timedOut(): void
}
