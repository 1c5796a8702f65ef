import type { IncomingMessage, ServerResponse } from 'node:http'

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
