import type { Windows } from '../../shared/limits.js'
import type { Done, ResetReason } from '../transport.js'
import type { PeerLoad } from './peer-load.js'
import type { PacketWriter } from './writer.js'

/** Up to here a body is copied into a packet, and leaves in one frame with its head. */
export const SMALL_BODY = 16 * 1024

/** As much goes with its head when that has to wait for room. */
export const TINY_BODY = 1024

/** What the two ends of a stream need of the session that carries them. */
export interface StreamHost {
  /** The packet of this turn, to be written to at once. */
  openPacket(): PacketWriter
  /** Of every stream. */
  readonly windows: Windows
  /** What the peer takes of this node. */
  readonly load: PeerLoad
  /**
   * Writes the head of an answer, now or when there is room. False if it is too large. `done` is called when the bytes of the
   * body belong to their owner again.
   */
  respond(stream: number, head: ResponseHead, body: Uint8Array, end: boolean, done?: Done): boolean
  /** Writes a part of a body. `done` is called when its bytes belong to their owner again. */
  data(by: 'caller' | 'service', stream: number, bytes: Uint8Array, end: boolean, done: Done): void
  /** Whether a body of this size goes in one frame with its head. */
  fitsHead(size: number): boolean
  /** Tells the peer that a stream is over; and tells it again, if the packet of this turn is lost. */
  reset(by: 'caller' | 'service', stream: number, why: ResetReason): void
  /** How many bytes of a body may go to the peer now. If none, `flow` is called when some may. */
  roomFor(stream: Stream): number
  /** `flush` is called at the end of the turn, before its packet leaves. */
  hold(held: Held): void
  /** A call is over. True if its request has not left: then it never will, and the peer need not be told. */
  forget(call: Stream): boolean
  /** An answer is over. `answered`: its end may be in the packet of this turn. */
  over(answer: Stream, answered: boolean): void
  /** The peer broke the rules of a stream: it is told, by the caller's end or the service's. */
  protocolError(by: 'caller' | 'service', stream: number): void
}

export interface Stream {
  /** There is room for more of its body. */
  flow(): void
  /** One for each stream and direction of asking. */
  readonly key: number
}

export interface ResponseHead {
  readonly status: number
  readonly message: string
  readonly headers: string[]
}

export interface Held {
  flush(): void
}
