import type { ChildProcess } from 'node:child_process'

/** A wait that takes this long has failed. Nothing is measured by it. */
const PATIENCE_MS = 60_000

type Output = 'out' | 'err'

/** A process of a test: it waits for what the process prints, and for its end. */
export class PrintingProcess {
  readonly child: ChildProcess
  /** The exit code or the signal, once all output is here. */
  readonly closed: Promise<number | NodeJS.Signals>
  readonly #title: string
  readonly #listeners = new Set<() => void>()
  readonly #chunks: { readonly from: Output; readonly chunk: Buffer }[] = []
  #isRunning = true

  /** `title` names the process in errors. */
  constructor(title: string, child: ChildProcess) {
    this.#title = title
    this.child = child
    for (const from of ['out', 'err'] as const) {
      child[`std${from}`]?.on('data', (chunk: Buffer) => {
        this.#chunks.push({ from, chunk })
        this.#changed()
      })
    }
    this.closed = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#isRunning = false
        resolve(signal ?? code ?? -1)
        this.#changed()
      })
    })
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** What it has printed there until now, or on both in the order in which it came. */
  printed(where?: Output): Buffer {
    const chunks = where === undefined ? this.#chunks : this.#chunks.filter(({ from }) => from === where)
    return Buffer.concat(chunks.map(({ chunk }) => chunk))
  }

  /** Resolves to what matches, once it is printed. */
  finds(pattern: RegExp, where?: Output): Promise<RegExpExecArray> {
    return this.#until(`printing ${pattern}`, () => pattern.exec(this.printed(where).toString()))
  }

  /** Resolves once it has ended by itself. */
  async exits(): Promise<number | NodeJS.Signals> {
    await this.#until('ending', () => !this.#isRunning || null)
    return this.closed
  }

  /** For the end of a test, whatever has become of it. */
  async kill(): Promise<void> {
    if (this.#isRunning) this.child.kill('SIGKILL')
    await this.closed
  }

  #until<T>(what: string, look: () => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        this.#listeners.delete(check)
      }
      const fail = (why: string) => {
        settle()
        reject(new Error(`${this.#title} ${why} ${what}:\n${this.printed('out')}\n${this.printed('err')}`))
      }
      const check = () => {
        const found = look()
        if (found !== null) {
          settle()
          resolve(found)
        } else if (!this.#isRunning) fail('ended without')
      }
      const timer = setTimeout(() => fail(`took more than ${PATIENCE_MS} ms for`), PATIENCE_MS)
      this.#listeners.add(check)
      check()
    })
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
