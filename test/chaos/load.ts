import { setTimeout as sleep } from 'node:timers/promises'
import { type Sleuth, SleuthError } from '@sleuth/core'

export interface LoadOptions {
  readonly method: string
  /** Calls a second, whether those before are answered or not. */
  readonly rate: number
  /**
   * The most calls at a time: where all processors are busy, more would only wait for each other until their time is over.
   * Without a limit by default.
   */
  readonly most?: number
  /** Milliseconds that the handler takes. */
  readonly work?: number
  /** Milliseconds; else the client's own. */
  readonly timeout?: number
}

export interface Outcome {
  readonly id: string
  /** Milliseconds since the load began, and since the call. */
  readonly at: number
  readonly took: number
  readonly error?: SleuthError
  readonly status?: number
  readonly pid?: number
  /** Another call's answer came. */
  readonly wrong: boolean
}

let loads = 0

const running = new Set<Load>()

/** Those that a test which failed has left. */
export async function stopLoads(): Promise<void> {
  await Promise.all([...running].map((load) => load.stop()))
}

/** Calls the service `chaos` at a steady rate until it is stopped. */
export class Load {
  readonly #sleuth: Sleuth
  readonly #options: LoadOptions
  readonly #started = performance.now()
  readonly #name = `${process.pid}-${loads++}`
  readonly #calls: Promise<Outcome>[] = []
  #open = 0
  #stopped = false
  readonly #running: Promise<void>

  constructor(sleuth: Sleuth, options: LoadOptions) {
    this.#sleuth = sleuth
    this.#options = options
    this.#running = this.#run()
    running.add(this)
  }

  /** Every outcome: a call that is never answered makes this hang, and the test fail. */
  async stop(): Promise<Outcome[]> {
    this.#stopped = true
    running.delete(this)
    await this.#running
    return Promise.all(this.#calls)
  }

  async #run(): Promise<void> {
    const { rate, most = Number.POSITIVE_INFINITY } = this.#options
    while (!this.#stopped) {
      const due = ((performance.now() - this.#started) * rate) / 1000
      while (this.#calls.length < due && this.#open < most)
        this.#calls.push(this.#call(`${this.#name}-${this.#calls.length}`))
      await sleep(1)
    }
  }

  async #call(id: string): Promise<Outcome> {
    const { method, work = 0, timeout } = this.#options
    const began = performance.now()
    this.#open++
    const times = () => ({ id, at: began - this.#started, took: performance.now() - began })
    try {
      const url = `sleuth://chaos/?id=${id}&work=${work}`
      const { status, body, headers } = await this.#sleuth.request(url, { method, timeout })
      const pid = Number(headers['x-pid'])
      return { ...times(), status, pid, wrong: status === 200 && body.toString() !== id }
    } catch (error) {
      if (!(error instanceof SleuthError)) throw error
      return { ...times(), error, wrong: false }
    } finally {
      this.#open--
    }
  }
}

/** How often each code came. */
export function codesOf(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { error } of outcomes) if (error) counts[error.code] = (counts[error.code] ?? 0) + 1
  return counts
}
