import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** One line of a program: an answer to a command (`id`), or news (`event`). */
export interface Line {
  id?: number
  event?: string
  /** What went wrong, in words. */
  message?: string
  [field: string]: unknown
}

interface Waiter {
  wants: (line: Line) => boolean
  give: (line: Line) => void
  fail: (error: Error) => void
}

/** A wait that takes this long has failed. Nothing is measured by it. */
const patience = 30_000

/**
 * A program that is talked to in lines of JSON: commands on its stdin, answers and news on its stdout. It ends when
 * its stdin does, so that it never outlives its test.
 */
export class LineProcess {
  readonly exited: Promise<void>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #title: string
  readonly #unread: Line[] = []
  readonly #waiters = new Set<Waiter>()
  #id = 0
  #errors = ''
  #ended = false

  constructor(command: readonly string[], env: Record<string, string> = {}) {
    const [program = '', ...args] = command
    this.#title = command.join(' ')
    this.#child = spawn(program, args, { env: { ...process.env, ...env } })
    this.#child.stdin.on('error', () => {})
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#complain(text))
    createInterface({ input: this.#child.stdout }).on('line', (text) => {
      if (text.startsWith('{')) this.#read(JSON.parse(text))
      else this.#complain(`${text}\n`)
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(String(error), resolve))
      this.#child.once('close', (code, signal) => this.#end(`ended with ${signal ?? code}`, resolve))
    })
  }

  get running(): boolean {
    return !this.#ended
  }

  /** Sends a command and gives its answer, whatever it says. */
  ask(op: string, fields: object = {}): Promise<Line> {
    this.#id += 1
    const id = this.#id
    const answer = this.#take((line) => line.id === id, `an answer to ${op}`)
    this.#child.stdin.write(`${JSON.stringify({ id, op, ...fields })}\n`)
    return answer
  }

  /** Sends a command and fails when its answer tells of an error. */
  async tell(op: string, fields: object = {}): Promise<Line> {
    const answer = await this.ask(op, fields)
    if (answer.message !== undefined) throw new Error(`${this.#title}: ${op}: ${answer.message}`)
    return answer
  }

  /** The first piece of news of that name that nobody has taken yet, now or when it comes. */
  news(event: string, wants: (line: Line) => boolean = () => true): Promise<Line> {
    return this.#take((line) => line.event === event && wants(line), event)
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.#ended) this.#child.kill(signal)
    await this.exited
  }

  #take(wants: (line: Line) => boolean, what: string): Promise<Line> {
    const at = this.#unread.findIndex(wants)
    if (at >= 0) return Promise.resolve(this.#unread.splice(at, 1)[0] as Line)
    if (this.#ended) return Promise.reject(this.#failure(`has ended and never gave ${what}`))
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const fail = (error: Error) => {
        settle()
        reject(error)
      }
      const waiter: Waiter = {
        wants,
        fail,
        give: (line) => {
          settle()
          resolve(line)
        },
      }
      const timer = setTimeout(() => fail(this.#failure(`did not give ${what} in ${patience} ms`)), patience)
      this.#waiters.add(waiter)
    })
  }

  #complain(text: string): void {
    this.#errors = (this.#errors + text).slice(-4000)
  }

  #read(line: Line): void {
    const waiter = [...this.#waiters].find(({ wants }) => wants(line))
    if (waiter === undefined) this.#unread.push(line)
    else waiter.give(line)
  }

  #end(reason: string, done: () => void): void {
    this.#ended = true
    for (const waiter of this.#waiters) waiter.fail(this.#failure(reason))
    done()
  }

  #failure(reason: string): Error {
    const last = this.#unread.slice(-5).map((line) => JSON.stringify(line).slice(0, 300))
    return new Error([`${this.#title} ${reason}`, ...last, this.#errors].join('\n'))
  }
}
