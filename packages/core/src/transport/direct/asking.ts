import { pauseAfter } from './backoff.js'
import { HANDSHAKE_MS } from './listener.js'

/** Milliseconds for which an offer holds. */
export const OFFER_MS = 5000

/** Milliseconds for which both ends count as asking at once. */
const CROSSING_MS = 1000

/** A connection that stood for so many milliseconds is made again at once when it breaks. */
const STEADY_MS = 10_000

/** When a peer is asked for an offer, and which offer is taken: pure. Times are milliseconds. */
export class Asking {
  #asking = false
  #askedAt = 0
  #begunAt = Number.NEGATIVE_INFINITY
  /** Before that, the peer is not asked. */
  #retryAt = 0
  #failures = 0

  mayAsk(now: number): boolean {
    return now >= this.#retryAt
  }

  /** The peer is asked. It is asked again in a while, whatever becomes of this time. */
  ask(now: number, random: number): void {
    this.#asking = true
    this.#askedAt = now
    this.#begunAt = now
    this.#retryAt = now + pauseAfter(this.#failures++, random)
  }

  /** Whether a peer that asks does so at the same time as we: one that has made no offer for longer than that will make none. */
  crosses(now: number): boolean {
    return this.#asking && now < this.#askedAt + CROSSING_MS
  }

  /** Whether a connection has been begun within so many milliseconds, by whichever end. */
  hasBegun(now: number, within: number): boolean {
    return now < this.#begunAt + within
  }

  /** The peer is made an offer, and so makes the connection. */
  offer(now: number): void {
    this.#asking = false
    this.#begunAt = now
    this.#retryAt = Math.max(this.#retryAt, now + OFFER_MS)
  }

  /** Whether an offer is one that the peer was asked for: then a connection is made by it. */
  accept(now: number): boolean {
    if (!this.#asking) return false
    this.#asking = false
    // Meanwhile the peer is not asked again: a second connection would end the first, and the calls on it.
    this.#retryAt = Math.max(this.#retryAt, now + HANDSHAKE_MS)
    return true
  }

  /** A connection stands. */
  stand(): void {
    this.#asking = false
  }

  /** A connection has closed that stood for so many milliseconds. */
  close(stood: number): void {
    if (stood < STEADY_MS) return
    this.#failures = 0
    this.#retryAt = 0
  }
}
