/**
 * A packet with the requests, or the ends of answers, of half of the streams leaves before the turn is over, so that the peer
 * works on one half while this side works on the other. In smaller parts, both spend more on packets than they gain.
 */
const PARTS = 2

/** How many messages, which are requests and ends of answers, one packet holds: pure. */
export class PacketShare {
  /** Messages that have left in this turn. The outbox counts them. */
  sent = 0
  /** How many streams are in use at once, by this turn and the last one that had several messages. 0: not known yet. */
  #width = 0

  /** Whether a packet that has so many messages is to leave now. `streams`: how many there are. */
  isReached(messages: number, streams: number): boolean {
    // Before the first turn that has several is over, nobody knows how many there will be.
    if (messages === 0 || this.#width === 0) return false
    this.#width = Math.max(this.#width, streams, this.sent + messages)
    return messages * PARTS >= this.#width
  }

  /** A turn that had several messages is over. */
  endTurn(streams: number): void {
    this.#width = Math.max(this.sent, streams)
  }
}
