/** Milliseconds between checks of a connection. */
export const CHECK_MS = 500

/** What a check finds: a silent connection owes an answer; one that is lost never gives it. */
export type Finding = 'fine' | 'silent' | 'lost'

/**
 * Tells a connection that something on its way has dropped from one whose peer is busy, stopped or gone: by the first nothing
 * comes, though the peer goes on to answer by ZeroMQ. Checks are counted, and not milliseconds: after a pause of our own, what
 * came meanwhile is not read yet.
 */
export class Silence {
  readonly #most: number
  #reachedAt = Infinity
  #checks = 0

  constructor(lostAfter: number) {
    // What comes by ZeroMQ may be read before what came by the connection: one check may fall between the two.
    this.#most = Math.max(1, lostAfter / CHECK_MS)
  }

  /**
   * `silent`: it owes an answer, and nothing came by it since the last check. `reachedAt`: when the peer was last reached by
   * ZeroMQ.
   */
  check(silent: boolean, reachedAt: number): Finding {
    if (!silent) this.#checks = 0
    else if (reachedAt > this.#reachedAt) this.#checks++
    this.#reachedAt = reachedAt
    if (!silent) return 'fine'
    return this.#checks > this.#most ? 'lost' : 'silent'
  }
}
