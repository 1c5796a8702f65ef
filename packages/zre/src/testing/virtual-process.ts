import type { Clock } from '../transport.js'
import type { Schedule } from './schedule.js'

export interface VirtualTimer {
  run: (() => void) | undefined
}

/** One event loop on the virtual clock. It runs timers and what comes from the network, and may stand still. */
export class VirtualProcess {
  readonly schedule: Schedule
  readonly clock: Clock<VirtualTimer>
  /** False: what it would do is not done. */
  alive = true
  readonly #onTurn: () => void
  #standsStill = false
  readonly #overdue: VirtualTimer[] = []
  /** What came while it stood still, until all of it is read. */
  #unread: (() => void)[] | undefined
  /** What code that went on has sent while it stood still. */
  readonly #unsent: (() => void)[] = []

  /** `onTurn` is called before each turn. */
  constructor(schedule: Schedule, onTurn: () => void) {
    this.schedule = schedule
    this.#onTurn = onTurn
    this.clock = {
      now: () => schedule.now,
      setTimeout: (run, delay) => this.#setTimeout(run, delay),
      clearTimeout: (timer) => {
        if (timer !== undefined) timer.run = undefined
      },
    }
  }

  /** It has not read yet all that has come. */
  get behind(): boolean {
    return this.#unread !== undefined
  }

  /** It is there, and does not stand still. */
  get runs(): boolean {
    return this.alive && !this.#standsStill
  }

  /** Something comes from the network: it is handled at once, or after what came before it while the process stood still. */
  receive(run: () => void): void {
    if (!this.alive) return
    if (this.#unread !== undefined) this.#unread.push(run)
    else this.#turn(run)
  }

  /** Something goes to the network: nothing does of a process that is dead, or stands still. */
  send(run: () => void): void {
    if (!this.alive) return
    if (this.#standsStill) this.#unsent.push(run)
    else run()
  }

  stall(): void {
    this.#standsStill = true
    this.#unread ??= []
  }

  /** It runs again: timers first, then all that has come in meanwhile, one after another. */
  resume(): void {
    this.#standsStill = false
    for (const run of this.#unsent.splice(0)) run()
    for (const timer of this.#overdue.splice(0)) this.#ring(timer)
    this.#readOn()
  }

  #readOn(): void {
    if (this.#standsStill || this.#unread === undefined) return
    const next = this.#unread.shift()
    if (next === undefined) {
      this.#unread = undefined
      return
    }
    if (this.alive) this.#turn(next)
    this.schedule.after(0, () => this.#readOn())
  }

  #setTimeout(run: () => void, delay: number): VirtualTimer {
    const timer: VirtualTimer = { run }
    this.schedule.after(delay, () => this.#ring(timer))
    return timer
  }

  #ring(timer: VirtualTimer): void {
    const { run } = timer
    if (!this.alive || run === undefined) return
    if (this.#standsStill) this.#overdue.push(timer)
    else this.#turn(run)
  }

  #turn(run: () => void): void {
    this.#onTurn()
    run()
  }
}
