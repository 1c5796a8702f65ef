/** What a check of the server says. */
export interface Verdict {
  readonly ok: boolean
  /** Why not, for people. */
  readonly why: string
}

/** Failed checks in a row after which the server counts as gone. One may be an accident. */
const FAILURES = 2

/** Whether the server is well, by its last checks. It has no clock. */
export class Health {
  /** A server that starts is not well until a check says so. */
  #isWell = false
  #failures = 0

  get isWell(): boolean {
    return this.#isWell
  }

  /** It failed, and the next check decides. */
  get isInDoubt(): boolean {
    return this.#isWell && this.#failures > 0
  }

  observe({ ok }: Verdict): void {
    this.#failures = ok ? 0 : this.#failures + 1
    if (ok) this.#isWell = true
    else if (this.#failures >= FAILURES) this.#isWell = false
  }
}
