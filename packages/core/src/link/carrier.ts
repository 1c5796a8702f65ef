import type { PacketWriter } from '../wire2/writer.js'

/** What the two ends of a stream need of the link that carries them. */
export interface Carrier {
  /** The packet of this turn, to be written to at once. */
  readonly packet: PacketWriter
  /** `flush` is called at the end of the turn, before its packet leaves. */
  hold(held: Held): void
  /** A call takes nothing more from its stream. */
  forget(stream: number): void
  /** Bytes of requests that nobody has read yet: whoever keeps them adds them, and takes them off. */
  buffered: number
  /** Whether there are more than one peer may have. */
  readonly overfull: boolean
  /** Nor does an answer. */
  answered(stream: number): void
}

export interface Held {
  flush(): void
}
