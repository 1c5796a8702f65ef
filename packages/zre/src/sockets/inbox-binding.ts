import { isIPv4 } from 'node:net'
import { ZreError } from '../error.js'
import type { Listen } from '../types.js'
import { formatEndpoint } from '../wire/endpoint.js'
import type { Network } from './network.js'

/** Binds the inbox to a port of an address, or to any port if there is none, and gives the port. */
export type Bind = (host: string, port: number | undefined) => number

/** Where the inbox is on a network. */
export interface InboxPlace {
  readonly host: string
  readonly port: number
  readonly endpoint: string
}

/** Binds the inbox where the option `listen` says, else to a free port of the interface's address. */
export class InboxBinding {
  readonly #listen: Listen
  readonly #bind: Bind
  /** Where `listen` gives the port: the socket stays bound to each address that the node has had. */
  readonly #bound = new Map<string, number>()
  #last: InboxPlace | undefined

  constructor(listen: Listen, bind: Bind) {
    this.#listen = listen
    this.#bind = bind
  }

  /** Throws a `ZreError` if `listen` says where, and it can't be bound there. */
  at(network: Network): InboxPlace {
    const { host: asked, port: fixed } = this.#listen
    const host = asked ?? network.address
    const last = this.#last
    const bound = last?.host === host ? last.port : this.#bound.get(host)
    const port = bound ?? this.#bindTo(host, fixed)
    if (fixed !== undefined) this.#bound.set(host, port)
    const reached = asked === undefined || isWildcard(asked) ? network.address : asked
    this.#last = { host, port, endpoint: formatEndpoint(reached, port) }
    return this.#last
  }

  #bindTo(host: string, port: number | undefined): number {
    try {
      return this.#bind(host, port)
    } catch (cause) {
      if (port === undefined && this.#listen.host === undefined) throw cause
      const place = port === undefined ? host : formatEndpoint(host, port)
      const problem = (cause as Error).message
      throw new ZreError('ZRE_LISTEN', `can't listen at ${place}: ${problem}`, { cause })
    }
  }
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** The address of IPv4 that `listen` names: it names the interface as well. */
export function ipv4HostOf({ host }: Listen): string | undefined {
  return host !== undefined && isIPv4(host) && !isWildcard(host) ? host : undefined
}
