import type { Clock } from '#src/transport.js'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** A clock that a test moves. */
export class VirtualClock implements Clock<Timer> {
  #now = 0
  #timers: Timer[] = []

  now = () => this.#now

  setTimeout = (run: () => void, delay: number): Timer => {
    const timer = { at: this.#now + delay, run }
    this.#timers.push(timer)
    return timer
  }

  clearTimeout = (timer: Timer | undefined): void => {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }

  get pending(): number {
    return this.#timers.length
  }

  /** Lets so many milliseconds pass, and after each timer all promises that wait for nothing else. */
  async pass(duration: number): Promise<void> {
    const end = this.#now + duration
    await settle()
    for (;;) {
      const [next] = this.#timers.toSorted((one, other) => one.at - other.at)
      if (next === undefined || next.at > end) break
      this.clearTimeout(next)
      this.#now = next.at
      next.run()
      await settle()
    }
    this.#now = end
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
