import { isIdempotent } from '#src/client/retry-policy.js'
import { SleuthError } from '#src/shared/errors.js'
import { bytesOf, type Plan } from './plan.js'
import type { Process } from './process.js'

export interface Run {
  readonly process: Process
  readonly at: number
  /** The handler has seen its request or its answer end, one way or the other. */
  closed: boolean
}

/** One call, from when it was made until its answer was read. */
export class CallRecord {
  readonly plan: Plan
  readonly caller: Process
  readonly at: number
  /** The instances of the service that its process knew then, by id. */
  readonly known: readonly string[]
  readonly runs: Run[] = []
  /** When the promise of `do` or `request` was settled, and when all of the answer had been read. */
  settledAt = Infinity
  overAt = Infinity
  status = 0
  /** The answer is a handler's. */
  handled = false
  error: unknown

  constructor(plan: Plan, caller: Process) {
    this.plan = plan
    this.caller = caller
    this.at = caller.world.now
    const offered = caller.sleuth.services().find(({ service }) => service === plan.service)
    this.known = offered?.instances.map(({ id }) => id) ?? []
    void this.#make()
  }

  get settled(): boolean {
    return this.settledAt !== Infinity
  }

  get over(): boolean {
    return this.overAt !== Infinity
  }

  get mayRunTwice(): boolean {
    const { retry, method } = this.plan
    return isIdempotent(method) || (typeof retry === 'object' && retry.nonIdempotent === true)
  }

  toString(): string {
    const { id, method, service, act, body, timeout } = this.plan
    return `call ${id} (${method} ${service}, ${act}, body ${body}, ${timeout} ms) of ${this.caller.name} at ${this.at.toFixed(1)}`
  }

  async #make(): Promise<void> {
    const { plan, caller } = this
    caller.note(`calls ${plan.id} ${plan.method} ${plan.service} ${plan.act} ${plan.body}`)
    try {
      if (plan.lean) await this.#request()
      else await this.#do()
    } catch (error) {
      this.error = error
      this.#settle()
    }
    this.overAt = caller.world.now
    const code = this.error instanceof SleuthError ? this.error.code : this.error
    caller.note(`has ${plan.id}: ${code ?? this.status}`)
  }

  #settle(): void {
    if (!this.settled) this.settledAt = this.caller.world.now
  }

  async #request(): Promise<void> {
    const { status, headers, body } = await this.caller.sleuth.request(this.#url, this.#init())
    this.#settle()
    this.#answered(status, headers['x-call'] as string | undefined)
    this.#check(body, true)
  }

  async #do(): Promise<void> {
    const response = await this.caller.sleuth.do(this.#url, this.#init() as RequestInit)
    this.#settle()
    this.#answered(response.status, response.headers.get('x-call') ?? undefined)
    const chunks: Uint8Array[] = []
    if (response.body === null) return this.#check(Buffer.alloc(0), true)
    for await (const chunk of response.body) {
      chunks.push(chunk)
      if (this.plan.cancels) break
      if (this.plan.slow) await sleep(50)
    }
    this.#check(Buffer.concat(chunks), !this.plan.cancels)
  }

  get #url(): string {
    return `sleuth://${this.plan.service}/${this.plan.id}`
  }

  #init() {
    const { method, timeout, waitFor, retry, abortAfter, select } = this.plan
    return {
      ...select,
      method,
      timeout,
      waitFor,
      ...(retry !== undefined && { retry }),
      ...(abortAfter !== undefined && { signal: abortedAfter(abortAfter) }),
      body: this.#body(),
    }
  }

  #body() {
    const { body, id, bodySize } = this.plan
    switch (body) {
      case 'none':
        return undefined
      case 'bytes':
        return bytesOf(id, bodySize)
      case 'stream':
        return ReadableStream.from(this.#parts())
      default:
        return this.#parts()
    }
  }

  async *#parts(): AsyncGenerator<Buffer> {
    const { body, id, bodySize } = this.plan
    const whole = bytesOf(id, bodySize)
    const part = Math.max(1, Math.ceil(bodySize / 4))
    for (let at = 0; at < bodySize; at += part) {
      await sleep(1 + (at % 40))
      if (at > 0 && body === 'failing') throw new Error('the body failed')
      if (at > 0 && body === 'stuck') await sleep(1000)
      yield whole.subarray(at, at + part)
    }
  }

  #answered(status: number, whose: string | undefined): void {
    this.status = status
    this.handled = whose !== undefined
    if (whose !== undefined && whose !== this.plan.id) this.#blame(`got the answer of ${whose}`)
  }

  #check(body: Buffer, whole: boolean): void {
    const { id, act, method, size, bodySize } = this.plan
    if (!this.handled) return
    const length = method === 'HEAD' ? 0 : act === 'echo' ? bodySize : size
    const right = bytesOf(id, length)
    const same = whole ? body.equals(right) : right.subarray(0, body.length).equals(body)
    if (!same) this.#blame(`got ${body.length} bytes of ${right.length}, or others`)
  }

  #blame(what: string): void {
    this.caller.world.blame(`${this} ${what}`)
  }
}

function abortedAfter(time: number): AbortSignal {
  const controller = new AbortController()
  if (time === 0) controller.abort()
  else setTimeout(() => controller.abort(), time)
  return controller.signal
}

export async function sleep(time: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, time))
}
