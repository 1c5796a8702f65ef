import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AbortReason } from '../transport/transport.js'
import type { Place } from './admission.js'
import type { BodyEnds } from './node-http/body-ends.js'
import type { MessageClasses } from './node-http/messages.js'
import type { SocketPool } from './node-http/socket.js'
import type { Timeouts } from './timeouts.js'
import type { Local, RemoteCaller } from './types.js'

/** The things that all exchanges share. */
export interface ExchangeHost {
  readonly httpServer: HttpServer
  readonly local: Local
  readonly messageClasses: MessageClasses
  readonly sockets: SocketPool
  readonly bodyEnds: BodyEnds
  readonly timeouts: Timeouts
  /** A number that changes with each turn of the event loop. */
  readonly loopTurn: number
  /** The listener threw, or its promise was rejected. */
  failed(error: unknown): void
  /** The wire has carried a response to its end, or has given it up. */
  answered(exchange: AnsweredExchange, reason: AbortReason | null): void
}

/** An exchange whose response the wire has carried, or has given up. */
export interface AnsweredExchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** When its request came, on the clock of `performance.now()`. */
  readonly startedAt: number
  readonly caller: RemoteCaller
  /** The head of the response has left. */
  readonly headed: boolean
  /** The listener threw, and the caller got a 500. */
  readonly failed: boolean
}

/** A request that the server has admitted. */
export interface Admitted {
  readonly caller: RemoteCaller
  readonly place: Place
  /** The body comes after the head. */
  readonly more: boolean
}
