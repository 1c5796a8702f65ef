import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A wait that takes this long has failed. Nothing is measured by it. */
const patience = 60_000

/** Where a program runs, if not on loopback. */
interface Surroundings {
  readonly env?: Record<string, string | undefined>
  /** The command that runs the program in a network namespace. */
  readonly within?: readonly string[]
}

/** An example that runs as a user runs it: `node examples/…`. */
export class Program {
  readonly ended: Promise<number | NodeJS.Signals>
  readonly #child: ChildProcess
  readonly #title: string
  readonly #listeners = new Set<() => void>()
  #output = ''

  constructor(args: readonly string[], port: number, { env, within }: Surroundings = {}) {
    const loopback = { SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: String(port), PORT: '0' }
    const [command = '', ...rest] = [...(within ?? []), process.execPath, ...args]
    this.#title = `node ${args.join(' ')}`
    this.#child = spawn(command, rest, {
      cwd: root,
      env: { ...process.env, ...loopback, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        this.#changed()
      })
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        resolve(signal ?? code ?? -1)
        this.#changed()
      })
    })
  }

  get output(): string {
    return this.#output
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves to what matches, once it is printed. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(`printing ${pattern}`, () => pattern.exec(this.#output))
  }

  /** Resolves to the exit code, once it has ended by itself. */
  async ends(): Promise<number | NodeJS.Signals> {
    await this.#until('ending', () => !this.running || null)
    return this.ended
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    if (this.running) this.#child.kill(signal)
    return this.ends()
  }

  /** For the end of a test, whatever has become of it. */
  async kill(): Promise<void> {
    if (this.running) this.#child.kill('SIGKILL')
    await this.ended
  }

  #until<T>(what: string, look: () => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        this.#listeners.delete(check)
      }
      const fail = (why: string) => {
        settle()
        reject(new Error(`${this.#title} ${why} ${what}:\n${this.#output}`))
      }
      const check = () => {
        const found = look()
        if (found !== null) {
          settle()
          resolve(found)
        } else if (!this.running) fail('ended without')
      }
      const timer = setTimeout(() => fail(`took more than ${patience} ms for`), patience)
      this.#listeners.add(check)
      check()
    })
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
