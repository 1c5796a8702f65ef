import type { ResetName } from '../wire2/format.js'
import type { PacketWriter } from '../wire2/writer.js'

/**
 * Up to here a body leaves in one frame with its head: that of a request does not wait for room, and that of an answer is
 * copied and kept for the rest of the turn.
 */
export const SMALL_BODY = 16 * 1024

/** What the two ends of a stream need of the link that carries them. */
export interface Carrier {
  /** The packet of this turn, to be written to at once. */
  readonly packet: PacketWriter
  /** Says that a stream is over; and says it again, if the packet of this turn is lost. */
  reset(by: 'caller' | 'service', stream: number, why: ResetName): void
  /** Whether a body may go on to the peer. If not, `flow` is called when it may. */
  hasRoom(waiting: Flowing): boolean
  /** `flush` is called at the end of the turn, before its packet leaves. */
  hold(held: Held): void
  /** A call takes nothing more from its stream. */
  forget(stream: number): void
  /** Nor does an answer. `answered`: its end may be in the packet of this turn. */
  over(stream: number, answered: boolean): void
  /** What it takes to keep the requests that nobody has read yet, in bytes: whoever keeps them adds it, and takes it off. */
  buffered: number
  /** Whether that is more than one peer may have. `own`: what one stream has of it; alone it may be more. */
  overfull(own: number): boolean
  /** The peer broke the rules of a stream: it is told, by the caller's end or the service's. */
  breach(by: 'caller' | 'service', stream: number): void
}

export interface Flowing {
  flow(): void
}

export interface Held {
  flush(): void
}
