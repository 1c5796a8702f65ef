/** The window while nothing is known about the way to the peer. */
const INITIAL_WINDOW = 128 * 1024
const MIN_WINDOW = 64 * 1024
const MAX_WINDOW = 4 * 1024 * 1024

/** Milliseconds that a byte may wait behind others on its way: what is in flight takes about as long to arrive. */
const QUEUE_DELAY_MS = 50

/** Of two rates in a row, what the older one counts, if the newer one is lower. */
const SMOOTHING = 0.75

/** A point in what is sent, and what was known when it was sent. */
export interface Mark {
  readonly sent: number
  readonly delivered: number
  readonly at: number
}

/**
 * How many bytes may be on their way to a peer: as many as it takes in a short time, by the rate at which it took those
 * before. ZeroMQ, the kernels and the network would take far more, and a small frame would wait behind it. Times are
 * milliseconds.
 */
export class CongestionWindow {
  #size = INITIAL_WINDOW
  #sent = 0
  #delivered = 0
  #marked = -INITIAL_WINDOW
  /** Bytes a millisecond. */
  #rate = 0
  #minRoundTrip = Infinity

  get size(): number {
    return this.#size
  }

  get inFlight(): number {
    return this.#sent - this.#delivered
  }

  /** Whether something is known about the way to the peer. */
  get isMeasured(): boolean {
    return this.#rate > 0
  }

  /** Bytes that may follow. Below 0 when what was sent last was larger than its room. */
  get room(): number {
    return this.#size - this.#sent + this.#delivered
  }

  send(bytes: number): void {
    this.#sent += bytes
  }

  /** Whether enough was sent since the last mark to ask the peer for an acknowledgement. */
  get isMarkDue(): boolean {
    return this.#sent - this.#marked >= this.#size / 4
  }

  mark(now: number): Mark {
    this.#marked = this.#sent
    return { sent: this.#sent, delivered: this.#delivered, at: now }
  }

  /** The peer has all that was sent before a mark. `limited`: more would have been sent if there had been room. */
  acknowledge(mark: Mark, now: number, limited: boolean): void {
    this.#delivered = Math.max(this.#delivered, mark.sent)
    // A clock that stands still, as in a test, makes no rate of 0 / 0.
    const roundTrip = Math.max(now - mark.at, 0.01)
    this.#minRoundTrip = Math.min(this.#minRoundTrip, roundTrip)
    const rate = (this.#delivered - mark.delivered) / roundTrip
    if (rate > this.#rate) this.#rate = rate
    else if (limited) this.#rate = SMOOTHING * this.#rate + (1 - SMOOTHING) * rate
    // Without a wait for room, a low rate says only how little there was to send.
    else return
    const size = this.#rate * (this.#minRoundTrip + QUEUE_DELAY_MS)
    this.#size = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, size))
  }
}
