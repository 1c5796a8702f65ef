import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type CallRecord, type Run, sleep } from './call.js'
import { bytesOf, SERVICES } from './plan.js'
import type { Process } from './process.js'

/** Does with each request what its call says, and writes down that it ran. */
export function handlerOf(calls: ReadonlyMap<string, CallRecord>, process: () => Process): RequestListener {
  return async (req, res) => {
    const call = calls.get(req.url?.slice(1) ?? '')
    if (call === undefined) {
      res.setHeader('x-call', 'asked')
      res.end()
      return
    }
    const run = { process: process(), at: process().world.now, closed: false }
    call.runs.push(run)
    run.process.note(`runs ${call.plan.id}`)
    res.on('close', () => {
      run.closed = true
    })
    await new Runner(call, run, req, res).run()
  }
}

class Runner {
  readonly #call: CallRecord
  readonly #process: Process
  readonly #req: IncomingMessage
  readonly #res: ServerResponse

  constructor(call: CallRecord, run: Run, req: IncomingMessage, res: ServerResponse) {
    this.#call = call
    this.#process = run.process
    this.#req = req
    this.#res = res
    req.on('error', () => {})
  }

  async run(): Promise<void> {
    const { act, delay, size, id, service } = this.#call.plan
    const res = this.#res
    const answer = bytesOf(id, size)
    switch (act) {
      case 'early': {
        const reading = this.#read()
        if (delay > 0) await sleep(delay)
        this.#begin().end(answer)
        await reading
        break
      }
      case 'whole':
        if (!(await this.#read())) return
        if (delay > 0) await sleep(delay)
        this.#begin().end(answer)
        break
      case 'parts': {
        await this.#read()
        this.#begin()
        const part = Math.max(1, Math.ceil(size / 5))
        for (let at = 0; at < size && !res.destroyed; at += part) {
          if (!res.write(answer.subarray(at, at + part))) await drained(res)
          await sleep(delay / 5)
        }
        res.end()
        break
      }
      case 'echo':
        this.#begin()
        this.#req.pipe(res)
        break
      case 'asks': {
        await this.#read()
        const other = SERVICES.find((name) => name !== service) as string
        await this.#process.sleuth.request(`sleuth://${other}/asked`, { timeout: 100 }).catch(() => {})
        this.#begin().end(answer)
        break
      }
      case 'destroys':
        await sleep(delay)
        res.destroy()
        break
      case 'throws':
        if (delay > 10) await sleep(delay)
        throw new Error('as planned')
      case 'breaks':
        this.#begin().write(answer)
        await sleep(delay)
        res.destroy()
        break
      case 'silent':
        await sleep(8000)
        res.destroy()
    }
  }

  #begin(): ServerResponse {
    const { plan } = this.#call
    this.#res.setHeader('x-call', plan.id)
    if (plan.act === 'breaks') this.#res.setHeader('content-length', plan.size + 1)
    return this.#res
  }

  /** Whether it came to its end, with all that belongs to it. */
  async #read(): Promise<boolean> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of this.#req) chunks.push(chunk as Buffer)
    } catch {
      return false
    }
    const { id, body, bodySize } = this.#call.plan
    const whole = Buffer.concat(chunks).equals(bytesOf(id, bodySize))
    const failing = body === 'failing' && bodySize > 1
    if (!whole || failing) this.#process.world.blame(`${this.#call} was read to an end that is none`)
    return true
  }
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    res.once('drain', resolve)
    res.once('close', resolve)
  })
}
