import type { Writable } from 'node:stream'

/** One option, as `parseArgs` of `node:util` takes it, with what help says about it. */
export interface Option {
  readonly type: 'string' | 'boolean'
  /** One letter: `-X`. */
  readonly short?: string
  readonly multiple?: boolean
  readonly default?: string | boolean
  /** What it does, and its default, in one line. */
  readonly help: string
  /** What stands for its value in help, in capitals. Every option of type `string` has one. */
  readonly value?: string
}

export type Options = Readonly<Record<string, Option>>

type ValueOf<O extends Option> = O extends { type: 'boolean' }
  ? boolean | undefined
  : O extends { multiple: true }
    ? readonly string[] | undefined
    : O extends { default: string }
      ? string
      : string | undefined

/** What was given for each option. */
export type ValuesOf<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]> }

export interface Arguments<O extends Options = Options> {
  readonly values: ValuesOf<O>
  readonly positionals: readonly string[]
  /** What stands after `--`. */
  readonly rest: readonly string[]
}

/** What a command has of its process. */
export interface Io {
  /** Results, and nothing else. */
  readonly stdout: Writable
  /** Errors, hints and progress. */
  readonly stderr: Writable
  readonly stdin: NodeJS.ReadableStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts with SIGINT, SIGTERM, and when nobody reads stdout any more. */
  readonly signal: AbortSignal
  /** Colours a text for stdout, if there are colours. */
  style(format: Style | readonly Style[], text: string): string
  /** The same for stderr, which may be a terminal where stdout is none. */
  styleError(format: Style | readonly Style[], text: string): string
  /** Whether stdout is a terminal. */
  readonly isTTY: boolean
  /** The width of the terminal, 80 without one. */
  readonly columns: number
  /** Whether to print JSON: one object a line. */
  readonly json: boolean
  /** Every command there is, for help and completion. */
  commands(): Promise<readonly Command[]>
}

type Style =
  | 'bold'
  | 'dim'
  | 'italic'
  | 'underline'
  | 'inverse'
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan'
  | 'gray'

export interface Command {
  readonly name: string
  /** One line for `sleuth --help`. */
  readonly summary: string
  /** The command line after `sleuth`: `ls [service]`. */
  readonly usage: string
  /** What its first argument may be, for completion. */
  readonly words?: readonly string[]
  /** Its own options. `--json`, `--no-color`, `--help` and `--version` are those of every command. */
  readonly options: Options
  /** What stands after `--` is a command that it runs. For others these are arguments. */
  readonly runsCommand?: boolean
  readonly examples: readonly (readonly [command: string, what: string])[]
  /** Resolves to the exit code. A `UsageError` ends with 2, other errors with 1. */
  run(args: Arguments, io: Io): Promise<number>
}

/** A command whose `run` knows the types of its options. */
export function defineCommand<const O extends Options>(
  command: Omit<Command, 'run' | 'options'> & {
    readonly options: O
    run(args: Arguments<O>, io: Io): Promise<number>
  },
): Command {
  return command as unknown as Command
}
