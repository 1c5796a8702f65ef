import type { PublicKey } from '../wire/key.js'

/** Who is let in, as it is now. */
export interface AllowList {
  /** Whether a key is let in; undefined while nobody knows yet. */
  verdict(key: PublicKey): boolean | undefined
  /** The same, once it is known. Never rejects. */
  ask(key: PublicKey): Promise<boolean>
  /** Milliseconds between two calls of `refresh`, if it is to be called. */
  readonly interval: number | undefined
  /** Looks again. When someone of these is perhaps not let in any more, `onChange` is called. */
  refresh(keys: Iterable<PublicKey>): Promise<void>
}
