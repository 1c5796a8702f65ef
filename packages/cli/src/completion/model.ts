import type { Command } from '../command.js'
import { common } from '../options.js'

export interface CompletedOption {
  readonly name: string
  readonly short?: string | undefined
  readonly help: string
  /** What stands for its value; undefined for a switch. */
  readonly value?: string | undefined
  readonly isFile: boolean
  readonly multiple: boolean
}

export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** What its first argument may be. */
  readonly words: readonly string[]
  /** Whether files stand after its words. */
  readonly takesFile: boolean
}

/** What every shell is told, from the table of commands. */
export function model(commands: readonly Command[]): CompletedCommand[] {
  const names = commands.map(({ name }) => name)
  return commands.map(({ name, summary, usage, options, words = name === 'help' ? names : [] }) => ({
    name,
    summary,
    words,
    takesFile: /\b(FILE|LIST)\b/.test(usage),
    options: Object.entries({ ...options, ...common }).map(([option, given]) => {
      const { short, help, value, multiple = false } = given as Command['options'][string]
      return { name: option, short, help, value, multiple, isFile: value === 'FILE' || value === 'LIST' }
    }),
  }))
}

/** `--wait`, and `-X` if it has a letter. */
export function spellings({ name, short }: CompletedOption): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`]
}
