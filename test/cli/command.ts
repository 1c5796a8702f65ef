import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../package/workspace.js'
import { PrintingProcess } from '../support/printing-process.js'

const bin = join(root, 'packages/cli/bin/sleuth.js')
const inTerminal = join(root, 'test/cli/terminal.py')

interface Surroundings {
  /** Added to the environment; `undefined` removes. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What stdin gives, to its end. Without it stdin ends at once. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
  /** In a pseudo-terminal: `out` is then what the user sees, with errors, and the test types by `type`. */
  readonly terminal?: boolean
  /** The command that runs it in a network namespace. */
  readonly within?: readonly string[]
  /** Redirections after the command, as a shell reads them. */
  readonly shell?: string
}

/** What a pseudo-terminal needs and this machine lacks. With `SLEUTH_REQUIRE_INTEROP=1`, as in .ci/run, the test fails instead. */
export const noTerminal =
  process.env.SLEUTH_REQUIRE_INTEROP === '1' || spawnSync('python3', ['--version']).status === 0
    ? false
    : 'python3 is not installed: it opens the pseudo-terminal'

export interface Ended {
  readonly code: number | NodeJS.Signals
  readonly out: string
  readonly err: string
}

/** A command line that runs as a user runs it, on loopback. stdout and stderr are pipes. */
export class SleuthCommand extends PrintingProcess {
  readonly ended: Promise<Ended>

  constructor(
    args: readonly string[],
    port: number,
    { env, input, cwd, terminal, shell, within = [] }: Surroundings = {},
  ) {
    const plain = [...within, process.execPath, bin, ...args]
    const command = shell === undefined ? plain : ['sh', '-c', `"$@" ${shell}`, 'sh', ...plain]
    const [program = '', ...rest] = terminal ? ['python3', inTerminal, ...command] : command
    const child = spawn(program, rest, {
      cwd,
      env: { ...quiet(process.env), SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: String(port), ...env },
      stdio: [input === undefined && !terminal ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    super(`sleuth ${args.join(' ')}`, child)
    child.stdin?.on('error', () => {})
    if (!terminal) child.stdin?.end(input)
    this.ended = this.closed.then((code) => ({ code, out: this.out, err: this.err }))
  }

  get out(): string {
    return this.bytes.toString()
  }

  get err(): string {
    return this.printed('err').toString()
  }

  /** stdout as it is. */
  get bytes(): Buffer {
    return this.printed('out')
  }

  /** Types in the terminal: `\u0003` is Ctrl-C. */
  type(keys: string): void {
    this.child.stdin?.write(keys)
  }

  /** Resolves once stdout, or stderr, has what matches. */
  prints(pattern: RegExp, where: 'out' | 'err' = 'out'): Promise<RegExpExecArray> {
    return this.finds(pattern, where)
  }

  /** Resolves once it has ended by itself. */
  async ends(): Promise<Ended> {
    await this.exits()
    return this.ended
  }

  stop(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal)
    return this.ends()
  }
}

/** Runs a command line to its end. */
export function sleuth(args: readonly string[], port: number, surroundings?: Surroundings): Promise<Ended> {
  return new SleuthCommand(args, port, surroundings).ends()
}

/** Without what would change the look of the output, and without variables of sleuth but those of the test. */
function quiet(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = Object.entries(env).filter(
    ([name]) => !name.startsWith('SLEUTH_') && !['NO_COLOR', 'FORCE_COLOR', 'COLUMNS'].includes(name),
  )
  return { ...Object.fromEntries(rest), TERM: 'xterm' }
}
