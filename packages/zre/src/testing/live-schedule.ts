import { Schedule } from './schedule.js'

/** A schedule on the clock of the machine, or on what a test has put in its place: it runs by itself. */
export class LiveSchedule extends Schedule {
  #turn: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #ringsAt = Number.POSITIVE_INFINITY

  override get now(): number {
    return performance.now()
  }

  /** The time passes by itself. */
  override set now(_time: number) {}

  override at(time: number, run: () => void): void {
    super.at(time, run)
    this.#arm()
  }

  override clear(): void {
    super.clear()
    clearTimeout(this.#timer)
    clearImmediate(this.#turn as NodeJS.Immediate)
    this.#turn = undefined
    this.#ringsAt = Number.POSITIVE_INFINITY
  }

  /** What is due runs in a turn of its own: a clock that a test holds back does not hold back what takes no time. */
  #arm(): void {
    const { nextAt } = this
    const wait = nextAt - this.now
    if (wait <= 0) this.#turn ??= setImmediate(() => this.#run())
    else if (nextAt < this.#ringsAt) {
      clearTimeout(this.#timer)
      this.#ringsAt = nextAt
      this.#timer = setTimeout(() => this.#run(), Math.ceil(wait))
    }
  }

  /** What is begun meanwhile waits for the next turn, as what comes from a socket does. */
  #run(): void {
    this.#turn = undefined
    clearTimeout(this.#timer)
    this.#ringsAt = Number.POSITIVE_INFINITY
    const end = this.now
    try {
      for (let left = this.size; left > 0 && this.runNext(end); left--);
    } finally {
      this.#arm()
    }
  }
}
