import type { Selection } from '../call/routing.js'

export interface GatewayOptions {
  /** The names of the gateway: `localhost` and those that the user gave. */
  readonly hosts: readonly string[]
  /** The only services that clients may call. Undefined: all. */
  readonly allow: readonly string[] | undefined
  /** Origins whose pages may send requests that change something: `http://localhost:5173`. */
  readonly origins: readonly string[]
  /** Clients are proxies of the user's own: what they say of host and protocol is true. */
  readonly behindProxy: boolean
  /** Which instances requests go to, of whatever service. */
  readonly select: Pick<Selection, 'where' | 'prefer'>
  /** Milliseconds from the end of a request to the head of its response. */
  readonly timeout: number
  /** Milliseconds that a client may take for the head of a request. */
  readonly clientHeadTime: number
  /** Milliseconds that a client may take for the next bytes of a body, in either direction. */
  readonly stallTime: number
  readonly maxConnections: number
  /** Is told of each request that has ended. */
  readonly log: ((entry: AccessEntry) => void) | undefined
}

/** One request, for the access log. */
export interface AccessEntry {
  readonly client: string | undefined
  readonly method: string
  readonly host: string | undefined
  readonly url: string
  readonly service: string | undefined
  /** 0: the client hung up before there was one. */
  readonly status: number
  /** Bytes that were written on the connection. */
  readonly bytes: number
  readonly milliseconds: number
  /** `client`: the client hung up. Else the code of what went wrong. */
  readonly error: string | undefined
}
