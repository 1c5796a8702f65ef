/** Who waits for the outcome of a question about a link. */
export class Outcomes {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** Resolves when the outcome is known, and after so many milliseconds at the latest. */
  next(id: string, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set()
      this.#waiting.set(id, waiting)
      const settle = () => {
        clearTimeout(timer)
        waiting.delete(settle)
        if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id)
        resolve()
      }
      const timer = setTimeout(settle, milliseconds)
      waiting.add(settle)
    })
  }

  settle(id: string): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    for (const settle of waiting ?? []) settle()
  }

  close(): void {
    for (const id of [...this.#waiting.keys()]) this.settle(id)
  }
}
