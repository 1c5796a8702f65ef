import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Signals that are the command's business, and not ours. */
const passed = ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const

/** The command that is the server. It has our stdin, stdout and stderr. */
export class Child {
  /** Resolves with the exit code when the command has ended. As a shell has it, 128 and the number of its signal. */
  readonly ended: Promise<number>
  readonly #process: ChildProcess
  readonly #passes = passed.map((name) => ({ name, pass: () => this.#kill(name) }))
  #hasEnded = false

  /** Rejects if there is no such command. */
  static async start(command: string, args: readonly string[]): Promise<Child> {
    // A group of its own: Ctrl-C in a terminal is for us, and the command stops after the last request.
    const process = spawn(command, args, { stdio: 'inherit', detached: true })
    await new Promise((resolve, reject) => {
      process.once('spawn', resolve).once('error', reject)
    })
    return new Child(process)
  }

  private constructor(child: ChildProcess) {
    this.#process = child
    for (const { name, pass } of this.#passes) process.on(name, pass)
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#hasEnded = true
        for (const { name, pass } of this.#passes) process.off(name, pass)
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
      })
    })
  }

  /** Asks it to end, and ends it after `time` milliseconds. Resolves with its exit code. */
  async stop(time: number): Promise<number> {
    this.#kill('SIGTERM')
    const timer = setTimeout(() => this.#kill('SIGKILL'), time)
    const code = await this.ended
    clearTimeout(timer)
    // What it started, such as workers, goes with it.
    this.#killGroup('SIGKILL')
    return code
  }

  killNow(): void {
    this.#killGroup('SIGKILL')
  }

  #kill(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#killGroup(signal)
  }

  #killGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#process
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // Nobody is left in the group.
    }
  }
}
