import { isWild, matches } from './topic.js'

/** Who wants a pattern. */
interface Wish<Who> {
  readonly words: readonly string[]
  readonly who: Set<Who>
}

/** For so many topics it is kept who wants them. Topics may be without number, as those with an id in them. */
const MAX_KEPT = 1024

/** Who wants events of which topics: patterns, and those who have them. */
export class Interests<Who, Found> {
  readonly #patterns = new Map<Who, readonly string[]>()
  /** Patterns that stand for one topic, which are found by it. */
  readonly #plain = new Map<string, Wish<Who>>()
  readonly #wild = new Map<string, Wish<Who>>()
  readonly #kept = new Map<string, Found>()
  readonly #find: (who: readonly Who[]) => Found

  /** `find`: what is kept of those who want a topic. */
  constructor(find: (who: readonly Who[]) => Found) {
    this.#find = find
  }

  /** How many have a pattern. */
  get size(): number {
    return this.#patterns.size
  }

  /** The patterns that somebody has, each once. */
  get patterns(): string[] {
    return [...this.#plain.keys(), ...this.#wild.keys()]
  }

  /** These patterns take the place of those that it had. */
  set(who: Who, patterns: readonly string[]): void {
    const before = this.#patterns.get(who) ?? []
    if (before.length === patterns.length && before.every((pattern, at) => pattern === patterns[at])) return
    this.#kept.clear()
    for (const pattern of before) this.#forget(pattern, who)
    if (patterns.length === 0) this.#patterns.delete(who)
    else this.#patterns.set(who, patterns)
    for (const pattern of patterns) {
      const wishes = isWild(pattern) ? this.#wild : this.#plain
      const wish = wishes.get(pattern) ?? { words: pattern.split('.'), who: new Set() }
      wishes.set(pattern, wish)
      wish.who.add(who)
    }
  }

  #forget(pattern: string, who: Who): void {
    const wishes = isWild(pattern) ? this.#wild : this.#plain
    const wish = wishes.get(pattern)
    wish?.who.delete(who)
    if (wish?.who.size === 0) wishes.delete(pattern)
  }

  /** What was found of those who want a topic, each once. */
  of(topic: string): Found {
    const kept = this.#kept.get(topic)
    if (kept !== undefined) return kept
    const found = new Set(this.#plain.get(topic)?.who)
    const words = topic.split('.')
    for (const wish of this.#wild.values())
      if (matches(wish.words, words)) for (const who of wish.who) found.add(who)
    const result = this.#find([...found])
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    this.#kept.set(topic, result)
    return result
  }
}
