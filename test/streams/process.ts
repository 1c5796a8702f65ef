import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A file of this folder as a process of its own, which tells its parent things by name. */
export class Child {
  readonly process: ChildProcess
  readonly #told = new Map<string, unknown>()

  constructor(file: string, ...args: (string | number)[]) {
    const path = fileURLToPath(new URL(file, import.meta.url))
    this.process = fork(path, args.map(String), { env: { ...process.env, SLEUTH_INTERFACE: 'loopback' } })
    this.process.on('message', ([name, value]: [string, unknown]) => {
      this.#told.set(name, value)
    })
  }

  /** What it told, or the first time that it tells it. */
  async told(name: string): Promise<unknown> {
    while (!this.#told.has(name)) await once(this.process, 'message')
    return this.#told.get(name)
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const gone = once(this.process, 'exit')
    this.process.kill('SIGKILL')
    await gone
  }
}
