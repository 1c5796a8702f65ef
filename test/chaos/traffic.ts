import { setTimeout as sleep } from 'node:timers/promises'
import { type Sleuth, SleuthError } from '@sleuth/core'

interface Kind {
  readonly method: string
  /** Calls a second. */
  readonly rate: number
  /** The most at a time: where all processors are busy, more would only wait for each other. */
  readonly most: number
  readonly work?: number
  /** Bytes of a body that comes back. */
  readonly bytes?: number
  /** Of an answer that streams. */
  readonly parts?: number
}

/** The calls that each service gets. */
const kinds: Readonly<Record<string, Kind>> = {
  get: { method: 'GET', rate: 40, most: 30, work: 5 },
  post: { method: 'POST', rate: 40, most: 30, work: 20 },
  put: { method: 'PUT', rate: 1, most: 2, bytes: 1024 * 1024 },
  upload: { method: 'POST', rate: 1, most: 2, bytes: 1024 * 1024 },
  stream: { method: 'GET', rate: 2, most: 5, parts: 10 },
}

/** What became of one call. */
export interface Ended {
  readonly id: string
  readonly service: string
  readonly kind: string
  readonly method: string
  /** On the clock of `performance.now()`. */
  readonly from: number
  readonly to: number
  /** The process that answered, if one did. */
  readonly pid: number | undefined
  readonly error: unknown
  /** The answer is not that of the call. */
  readonly wrong: boolean
}

/** Milliseconds for a call. It is to be answered, however slow the machine is. */
const PATIENCE_MS = 20_000

/** Calls services at a steady rate until it is stopped. */
export class Traffic {
  readonly #sleuth: Sleuth
  readonly #calls: Promise<Ended>[] = []
  readonly #running: Promise<unknown>
  #stopped = false

  constructor(sleuth: Sleuth, services: readonly string[]) {
    this.#sleuth = sleuth
    const all = services.flatMap((service) => Object.keys(kinds).map((kind) => this.#run(service, kind)))
    this.#running = Promise.all(all)
  }

  /** What became of every call: one that never ends makes this hang. */
  async stop(): Promise<Ended[]> {
    this.#stopped = true
    await this.#running
    return Promise.all(this.#calls)
  }

  async #run(service: string, kind: string): Promise<void> {
    const { rate, most } = kinds[kind] as Kind
    const begun = performance.now()
    let open = 0
    for (let made = 0; !this.#stopped; await sleep(5)) {
      const due = ((performance.now() - begun) * rate) / 1000
      for (; made < due && open < most; made++) {
        open++
        const call = this.#call(service, kind, `${service}-${kind}-${made}`)
        this.#calls.push(call.finally(() => open--))
      }
    }
  }

  async #call(service: string, kind: string, id: string): Promise<Ended> {
    const { method, work = 0, bytes = 0, parts = 0 } = kinds[kind] as Kind
    const about = { id, service, kind, method, from: performance.now() }
    const body = bytes > 0 ? Buffer.alloc(bytes, id) : undefined
    let pid: number | undefined
    try {
      const url = `sleuth://${service}/?id=${id}&work=${work}&parts=${parts}`
      const response = await this.#sleuth.do(url, { method, body, timeout: PATIENCE_MS })
      pid = Number(response.headers.get('x-pid'))
      const answer = Buffer.from(await response.arrayBuffer())
      const wanted = body ?? Buffer.from(id.repeat(parts + 1))
      const wrong = response.status !== 200 || !answer.equals(wanted)
      return { ...about, to: performance.now(), pid, error: undefined, wrong }
    } catch (error) {
      return { ...about, to: performance.now(), pid, error, wrong: false }
    }
  }
}

export function isIdempotent({ method }: Ended): boolean {
  return method !== 'POST'
}

/** Whether the error says that the call may have run. */
export function mayHaveRun({ error }: Ended): boolean {
  return error instanceof SleuthError && error.mayHaveRun
}
