import type { Command } from '../command.js'
import { UsageError } from '../usage-error.js'
import { nearest } from './nearest.js'

/** Throws a `UsageError` that names the command which was perhaps meant. */
export function commandNamed(name: string, commands: readonly Command[]): Command {
  const command = commands.find((each) => each.name === name)
  if (command !== undefined) return command
  throw noCommand(
    name,
    commands.map((each) => each.name),
  )
}

export function noCommand(name: string, names: readonly string[]): UsageError {
  const near = nearest(name, names)
  return new UsageError(
    `there is no command "${name}"${near === undefined ? '' : `; did you mean "sleuth ${near}"?`}`,
  )
}
