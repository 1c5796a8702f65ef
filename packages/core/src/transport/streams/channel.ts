import type { Windows } from '../../shared/limits.js'
import type { Done } from '../transport.js'

/** The way to a peer that a session takes. */
export interface Channel {
  /** `send` takes a tail. */
  readonly takesTails: boolean
  readonly windows: Windows
  /**
   * Sends a packet. May throw: then nothing of it leaves. `tail`: the rest of its last frame, which is not copied, and belongs
   * to whoever gave it again when `done` is called.
   */
  send(packet: Buffer, tail?: Uint8Array, done?: Done): void
  /** The turn is over: what was sent in it leaves now. */
  flush(): void
  /** Resolves when the peer has all that was sent until now: false when it goes first. */
  acknowledged(): Promise<boolean>
}
