import type { PeerState } from './machine/peer.js'
import type { Input } from './machine/types.js'
import type { RejectionLog } from './security/rejection-log.js'
import type { Counters } from './stats.js'
import type { TransportListener } from './transport.js'
import type { Logger } from './types.js'
import type { NodeId } from './wire/identity.js'

export interface ConnectionsOptions {
  readonly logger: Logger
  readonly counters: Counters
  readonly rejections: RejectionLog
  /** Ours, where there is encryption. */
  readonly publicKey: string | undefined
  peers(): ReadonlyMap<NodeId, PeerState>
  /** Gives the machine what happened. */
  step(input: Input): void
}

/** Tells the machine what the transport tells of connections, and logs what a user can mend. */
export class Connections implements TransportListener {
  readonly #options: ConnectionsOptions

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  onConnected(id: NodeId): void {
    this.#options.step({ type: 'connected', id })
  }

  onDisconnected(id: NodeId, interfaceDown: boolean): void {
    this.#options.step({ type: 'disconnected', id, interfaceDown })
  }

  onLost(id: NodeId, err: Error): void {
    const { logger, counters, step } = this.#options
    if (counters.logLimiter.take('mailbox')) logger.warn({ err, peer: id }, 'zre: a mailbox failed')
    step({ type: 'lost', id })
  }

  /** What is sent to it now comes back as an error, if the connection was its. */
  onDoubt(id: NodeId): void {
    this.#options.step({ type: 'ping', to: id })
  }

  onRefused(id: NodeId, endpoint: string): void {
    const { rejections, publicKey, step } = this.#options
    rejections.refusedBy(id, endpoint, publicKey)
    step({ type: 'denied', id })
  }

  onMoved(endpoint: string): void {
    this.#options.step({ type: 'moved', endpoint })
  }

  onReturned(): void {
    this.#options.step({ type: 'returned' })
  }

  isAlone(): boolean {
    for (const { view } of this.#options.peers().values()) if (view !== undefined) return false
    return true
  }
}
