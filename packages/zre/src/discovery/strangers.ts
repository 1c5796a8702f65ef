import type { Clock } from '../transport.js'
import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'

/** A node that greets us, and is at an endpoint to which no connection may be opened. */
export interface Stranger {
  readonly id: NodeId
  readonly endpoint: string
  readonly key: PublicKey | undefined
  /** It can be answered on its connection, so nobody needs to be warned. */
  readonly returns?: boolean
}

export interface StrangersOptions {
  readonly clock: Clock
  /** Looks up all seeds. */
  refresh(): Promise<void>
  isOnNetwork(address: string): boolean
  /** A seed has its address now. */
  onKnown(stranger: Stranger): void
  /** It has none. */
  onUnknown(stranger: Stranger): void
}

/** Milliseconds between two times that the seeds are looked up: anyone can claim to be new. */
const REFRESH_MS = 1000
/** Those that wait for it. */
const MAX_STRANGERS = 64

/**
 * A node that has just started may be in DNS already, when those that it greets have not asked since. So they ask, before
 * they turn it away.
 */
export class Strangers {
  readonly #options: StrangersOptions
  readonly #waiting = new Map<NodeId, Stranger>()
  #timer: unknown
  #refreshedAt = Number.NEGATIVE_INFINITY
  #refreshing = false
  #closed = false

  constructor(options: StrangersOptions) {
    this.#options = options
  }

  add(stranger: Stranger): void {
    if (this.#waiting.size >= MAX_STRANGERS || this.#closed) return
    this.#waiting.set(stranger.id, stranger)
    if (this.#timer !== undefined || this.#refreshing) return
    const { clock } = this.#options
    const wait = Math.max(0, this.#refreshedAt + REFRESH_MS - clock.now())
    this.#timer = clock.setTimeout(() => void this.#refresh(), wait)
  }

  close(): void {
    this.#closed = true
    this.#waiting.clear()
    this.#options.clock.clearTimeout(this.#timer)
  }

  async #refresh(): Promise<void> {
    const { clock, refresh, isOnNetwork, onKnown, onUnknown } = this.#options
    this.#timer = undefined
    this.#refreshing = true
    this.#refreshedAt = clock.now()
    await refresh()
    this.#refreshing = false
    const strangers = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const stranger of strangers) {
      const address = parseEndpoint(stranger.endpoint)?.address
      if (address !== undefined && isOnNetwork(address)) onKnown(stranger)
      else onUnknown(stranger)
    }
  }
}
