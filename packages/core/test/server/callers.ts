import type { Peer } from '@sleuth/zre'
import type { Exchange } from '#src/server/exchange.js'
import { Server } from '#src/server/server.js'
import type { Listener } from '#src/server/types.js'
import { checkOptions } from '#src/shared/options/options.js'
import { Counters } from '#src/shared/stats.js'
import type {
  AbortReason,
  Done,
  IncomingRequest,
  RequestExchange,
  ResponseSink,
} from '#src/transport/transport.js'
import type { Logger, RequestListener, SleuthOptions } from '#src/types.js'

export const get: IncomingRequest = { method: 'GET', url: '/', headers: [], body: null }

export function peerAt(port: number): Peer {
  return {
    id: `${port}`,
    name: 'caller',
    endpoint: `tcp://127.0.0.1:${port}`,
    announced: `tcp://127.0.0.1:${port}`,
    address: '127.0.0.1',
    headers: new Map(),
    groups: new Set<string>(),
    verified: true,
    connections: 'both',
    publicKey: undefined,
  } as Peer
}

/** A server of one listener, without a node. `errors`: what the listener threw. */
export function serverOf(listener: Listener, options: SleuthOptions = {}) {
  const errors: unknown[] = []
  const ignore = () => {}
  const error = ({ err }: { err?: unknown }) => void errors.push(err)
  const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error } as unknown as Logger
  const handler = listener as RequestListener
  const service = 'article-service'
  const counters = new Counters()
  const checked = checkOptions({ service, handler, logger: log, ...options })
  const node = { endpoint: 'tcp://127.0.0.1:49153' } as ConstructorParameters<typeof Server>[0]['node']
  return { server: new Server({ node, service, handler, options: checked, counters, log }), counters, errors }
}

/** A sink that takes every response. */
export class Sink implements ResponseSink {
  readonly streams: boolean = true
  exchange: Exchange | undefined

  begin(exchange: RequestExchange): void {
    this.exchange = exchange as Exchange
  }

  reject(_rejection: string): void {}

  head(_status: number, _message: string, _headers: string[]): void {}

  data(_chunks: readonly Buffer[], done: Done): void {
    done()
  }

  end(): void {
    this.exchange?.answered(null)
  }

  abort(reason: AbortReason): void {
    this.exchange?.answered(reason)
  }
}
