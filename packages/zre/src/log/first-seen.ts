/** The most names that are remembered. Others could fill the memory with names that they make up. */
const MAX = 256

/** Tells the first time from the later ones, until so many others have come that it is forgotten. */
export class FirstSeen {
  readonly #seen = new Set<string>()

  isFirst(what: string): boolean {
    const first = !this.#seen.delete(what)
    this.#seen.add(what)
    if (this.#seen.size > MAX) for (const oldest of this.#seen) return this.#seen.delete(oldest) && first
    return first
  }
}
