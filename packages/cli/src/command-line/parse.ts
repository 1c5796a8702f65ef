import { parseArgs } from 'node:util'
import type { Arguments, Options } from '../command.js'
import { UsageError } from '../usage-error.js'
import { nearest } from './nearest.js'

/**
 * Reads the arguments of a command. `parseArgs` is not strict here: its own messages are long, and know no name that is
 * nearly right. Throws a `UsageError`.
 */
export function parse(args: readonly string[], options: Options): Arguments {
  const { values, tokens } = tokensOf(args, options)
  const positionals: string[] = []
  let end = args.length
  for (const token of tokens) {
    if (token.kind === 'option-terminator') {
      end = token.index
      break
    }
    if (token.kind === 'positional') positionals.push(token.value)
    else check(token, options)
  }
  return { values: values as Arguments['values'], positionals, rest: args.slice(end + 1) }
}

/** The name of the command, and the arguments without it: options of every command may stand before the name. */
export function splitCommand(args: readonly string[], options: Options): [string | undefined, string[]] {
  for (const token of tokensOf(args, options).tokens) {
    if (token.kind === 'option-terminator') break
    if (token.kind === 'positional') return [token.value, args.toSpliced(token.index, 1)]
  }
  return [undefined, [...args]]
}

function tokensOf(args: readonly string[], options: Options) {
  return parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true })
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function check({ name, rawName, value, inlineValue }: OptionToken, options: Options): void {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) throw new UsageError(`there is no option ${rawName}${suggestion(name, options)}`)
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, and has "${value}"`)
    return
  }
  if (value === undefined) throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value}`)
  if (!inlineValue && value.length > 1 && value.startsWith('-')) {
    throw new UsageError(`${rawName} needs a value; if it is "${value}", write --${name}=${value}`)
  }
}

function suggestion(name: string, options: Options): string {
  const near = nearest(name, Object.keys(options))
  return near === undefined ? '' : `; did you mean --${near}?`
}
