/** Those who wait until something has been tried. */
export class Waiting {
  readonly #waiting = new Set<() => void>()

  /** Resolves when it has been tried, after so many milliseconds at the latest. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      this.#waiting.add(done)
    })
  }

  /** It has been tried, whatever has come of it. */
  end(): void {
    for (const done of this.#waiting) done()
  }
}
