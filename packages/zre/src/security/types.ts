import type { PublicKey } from '../wire/key.js'

/**
 * Who is let in: public keys, the path of a file with one key in each line or of a directory of such files, or a function
 * that is asked.
 */
export type Allow = readonly string[] | string | ((publicKey: string) => boolean | Promise<boolean>)

/** A pair of CURVE keys as Z85 text, 40 characters each. */
export interface KeyPair {
  readonly publicKey: string
  readonly secretKey: string
}

/** What makes a network a closed one. */
export interface Security extends KeyPair {
  readonly allow: Allow
  /**
   * `true`: only nodes of this library are let in, which prove with each message that it is theirs. Default `false`: C's zyre,
   * too, of which one that is let in can speak as another.
   */
  readonly proof?: boolean | undefined
}

/** Who is let in, as it is now. */
export interface Doorkeeper {
  /** Whether a key is let in; undefined while nobody knows yet. */
  verdict(key: PublicKey): boolean | undefined
  /** The same, once it is known. Never rejects. */
  ask(key: PublicKey): Promise<boolean>
  /** Milliseconds between two calls of `refresh`, if it is to be called. */
  readonly interval: number | undefined
  /** Looks again. When someone of these is perhaps not let in any more, `onChange` is called. */
  refresh(keys: Iterable<PublicKey>): Promise<void>
}
