import { LogLimiter } from './log/log-limiter.js'
import type { DropReason } from './machine/types.js'
import type { Logger, NodeStats } from './types.js'

/** The counters that `stats` gives. */
export class Counters {
  /** Limits the log lines that peers can cause. */
  readonly logLimiter = new LogLimiter()
  readonly #logger: Logger
  readonly #dropped: Partial<Record<DropReason, number>> = {}
  readonly #lastDropped: Partial<Record<DropReason, number>> = {}
  readonly #traffic = {
    messagesSent: 0,
    messagesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    beaconsSent: 0,
    beaconsReceived: 0,
  }

  constructor(logger: Logger) {
    this.#logger = logger
  }

  messageSent(bytes: number): void {
    this.#traffic.messagesSent++
    this.#traffic.bytesSent += bytes
  }

  messageReceived(bytes: number): void {
    this.#traffic.messagesReceived++
    this.#traffic.bytesReceived += bytes
  }

  beaconSent(): void {
    this.#traffic.beaconsSent++
  }

  beaconReceived(): void {
    this.#traffic.beaconsReceived++
  }

  dropped(reason: DropReason, from: string | undefined): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1
    this.#lastDropped[reason] = Date.now()
    if (this.logLimiter.take(reason)) this.#logger.debug({ reason, from }, 'zre: dropped')
  }

  snapshot(peers: number): NodeStats {
    return { peers, ...this.#traffic, dropped: { ...this.#dropped }, lastDropped: { ...this.#lastDropped } }
  }
}
