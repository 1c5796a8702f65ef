import { type Heard, type PairMessage, type Way, ways } from './message.js'

/** What the other machine has said and what was heard of it: no sockets, no clock. */
export class PairState {
  readonly #own: string
  readonly #heard = new Set<Way>()
  #other: string | undefined
  #theirs: Heard = new Set()
  #knowsUs = false

  /** `own`: our `from`. */
  constructor(own: string) {
    this.#own = own
  }

  /** Whom we have heard. The first one counts: a third machine with the same word is ignored. */
  get other(): string | undefined {
    return this.#other
  }

  /** By which ways we hear the other. */
  get heard(): Heard {
    return this.#heard
  }

  /** By which ways the other hears us. Undefined until it has said that it does. */
  get theirs(): Heard | undefined {
    return this.#knowsUs ? this.#theirs : undefined
  }

  /** Whether each hears the other by every way. */
  get isComplete(): boolean {
    return ways.every((way) => this.#heard.has(way) && this.theirs?.has(way))
  }

  /** False for a message of our own, or of a third. `way`: by which it really came. */
  receive(message: PairMessage, way: Way): boolean {
    if (message.from === this.#own) return false
    this.#other ??= message.from
    if (message.from !== this.#other) return false
    this.#heard.add(way)
    if (message.about !== this.#own) return true
    this.#knowsUs = true
    // A message that was under way for long says less than one before.
    this.#theirs = new Set([...this.#theirs, ...message.heard])
    return true
  }
}
