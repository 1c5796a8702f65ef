import type { Command } from '../command.js'
import { UsageError } from '../usage-error.js'
import { bash } from './bash.js'
import { fish } from './fish.js'
import { model } from './model.js'
import { zsh } from './zsh.js'

const shells = { bash, zsh, fish }

/** The script for a shell. Throws a `UsageError`. */
export function completionFor([shell, ...others]: readonly string[], commands: readonly Command[]): string {
  if (shell === undefined || !Object.hasOwn(shells, shell) || others.length > 0) {
    throw new UsageError(`completion needs one shell: ${Object.keys(shells).join(', ')}`)
  }
  return shells[shell as keyof typeof shells](model(commands))
}
