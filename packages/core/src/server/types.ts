import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallerCounts } from '../shared/caller-counts.js'
import type { Done } from '../transport/transport.js'
import type { SleuthPeer } from '../types.js'

/** What every framework supplies: `fastify.routing`, an Express app, `koa.callback()`. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => unknown

/** The node that sent a request. */
export interface RemoteCaller {
  /** What the handler sees as `req.sleuthPeer`. */
  readonly peer: SleuthPeer
  readonly port: number
  readonly counts: CallerCounts
}

/** The address at which this node's inbox listens. */
export interface Local {
  readonly address: string
  readonly port: number
}

/** Why a request is not valid. It never reaches the handler. */
export type InvalidRequest =
  | 'method'
  | 'url'
  | 'header-name'
  | 'header-value'
  | 'length'
  | 'expectation'
  | 'url-length'
  | 'header-size'

/** The events of a request's socket and response, for their exchange. */
export interface SocketHandler {
  /** The handler gives the request back. Returns false if its response has begun. */
  refuse(ran: boolean): boolean
  /** The listener returned. */
  returned(result: unknown): void
  /** The request reads on, after `push` had said to wait. */
  resumed(): void
  head(status: number, message: string, headers: string[]): void
  data(chunks: readonly Buffer[], done: Done): void
  /** The socket was given the last byte of the response, and has not taken all of it yet. */
  ending(): void
  /** The socket took the last byte of the response. */
  end(): void
  /** The handler ended the response, or gave it a stream to read, after its socket was destroyed. */
  endedLate(): void
  /** The response emits 'finish'. */
  finished(): void
  /** The socket was destroyed. */
  destroyed(): void
  /** The destroyed socket is about to emit 'close'. */
  closed(): void
  /** The socket was idle for the time that the handler set. */
  timedOut(): void
}
