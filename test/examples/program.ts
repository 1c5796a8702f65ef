import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PrintingProcess } from '../support/printing-process.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Where a program runs, if not on loopback. */
interface Surroundings {
  readonly env?: Record<string, string | undefined>
  /** The command that runs the program in a network namespace. */
  readonly within?: readonly string[]
}

/** An example that runs as a user runs it: `node examples/…`. */
export class Program extends PrintingProcess {
  constructor(args: readonly string[], port: number, { env, within }: Surroundings = {}) {
    const loopback = { SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: String(port), PORT: '0' }
    const [command = '', ...rest] = [...(within ?? []), process.execPath, ...args]
    const child = spawn(command, rest, {
      cwd: root,
      env: { ...process.env, ...loopback, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    super(`node ${args.join(' ')}`, child)
  }

  /** Of stdout and stderr. */
  get output(): string {
    return this.printed().toString()
  }

  /** Resolves to what matches, once it is printed. */
  prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.finds(pattern)
  }

  /** Resolves to the exit code, once it has ended by itself. */
  ends(): Promise<number | NodeJS.Signals> {
    return this.exits()
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    if (this.isRunning) this.child.kill(signal)
    return this.exits()
  }
}
