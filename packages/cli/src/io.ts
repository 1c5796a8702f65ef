import { styleText } from 'node:util'
import type { Io } from './command.js'

/** What `main` has of a process, or of a test. */
export interface Surroundings extends Pick<Io, 'stdin' | 'env' | 'signal'> {
  readonly stdout: Io['stdout'] & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Io['stderr'] & { readonly isTTY?: boolean }
}

/** Reads what decides the look of all output, also that of errors in the arguments: so it looks at these before they are read. */
export function ioOf(
  args: readonly string[],
  { stdout, stderr, stdin, env, signal }: Surroundings,
  commands: Io['commands'],
): Io {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  const isTTY = stdout.isTTY === true
  const styler = (isTerminal: boolean): Io['style'] => {
    if (own.includes('--no-color') || !wantsColour(env, isTerminal)) return (_, text) => text
    return (format, text) => (styleText as Styler)(format, text, { validateStream: false })
  }
  return {
    stdout,
    stderr,
    stdin,
    env,
    signal,
    commands,
    isTTY,
    columns: widthOf(stdout.columns) ?? widthOf(Number(env.COLUMNS)) ?? 80,
    json: own.includes('--json'),
    style: styler(isTTY),
    styleError: styler(stderr.isTTY === true),
  }
}

/** From Node 22.13 on `styleText` looks at stdout and the environment itself, unless it is told not to. */
type Styler = (
  format: Parameters<Io['style']>[0],
  text: string,
  options: { validateStream: boolean },
) => string

/** https://no-color.org and https://force-color.org: the latter wins, as in Node. */
export function wantsColour(env: Io['env'], isTTY: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = env
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no !== undefined && no !== '') return false
  return isTTY && terminal !== 'dumb'
}

/** A terminal that does not know its width says 0. */
function widthOf(columns: number | undefined): number | undefined {
  return columns !== undefined && columns >= 20 ? columns : undefined
}
