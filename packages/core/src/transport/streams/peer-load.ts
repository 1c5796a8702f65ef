import type { IncomingRequest } from '../transport.js'
import type { SessionDrop } from './types.js'
import { WindowBudget } from './window-budget.js'

export interface PeerLimits {
  /** The most requests whose answer is not complete. */
  readonly maxStreams: number
  /** The most bytes of requests that nobody has read yet. */
  readonly maxBuffered: number
  /** The peer sent what is not taken. */
  readonly dropped: (reason: SessionDrop) => void
}

/** What one peer takes of this node, over all its sessions and both wires together. */
export class PeerLoad {
  readonly #limits: PeerLimits
  /** What the receive windows of all streams may grow by. */
  readonly windows: WindowBudget
  /** Requests whose answer is not complete. */
  streams = 0
  /** What it takes to keep the requests that nobody has read yet, in bytes: whoever keeps them adds it, and takes it off. */
  buffered = 0

  constructor(limits: PeerLimits) {
    this.#limits = limits
    this.windows = new WindowBudget(limits.maxBuffered)
  }

  /** The limit that a request of so many bytes would exceed. */
  excess(bytes: number): IncomingRequest['excess'] {
    const { maxStreams, maxBuffered } = this.#limits
    if (this.streams >= maxStreams) return 'peer-streams'
    return this.buffered > 0 && this.buffered + bytes > maxBuffered ? 'peer-buffered' : undefined
  }

  /** Whether more is kept than one peer may have. `own`: what one stream has of it; alone it may be more. */
  overfull(own: number): boolean {
    if (this.buffered <= this.#limits.maxBuffered || this.buffered === own) return false
    this.#limits.dropped('peer-buffered')
    return true
  }
}
