import { readFile } from 'node:fs/promises'
import type { Io } from './command.js'
import { noCommand } from './command-line/command-named.js'
import { helpOf, helpOfAll } from './command-line/help.js'
import { parse, splitCommand } from './command-line/parse.js'
import { commandNames, loadAll, loadCommand } from './commands/index.js'
import { exitCodeOf, report } from './errors.js'
import { endedBy, exit } from './exit-codes.js'
import { ioOf, type Surroundings } from './io.js'
import { common, network } from './options.js'
import { packageFile } from './package-file.js'

/** Runs a command line, `['ls', '--json']`, and resolves to the exit code. Never rejects. */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const io = ioOf(argv, surroundings, loadAll)
  const [name, args] = splitCommand(argv, { ...network, ...common })
  try {
    return name === undefined ? await withoutCommand(args, io) : await runCommand(name, args, io)
  } catch (error) {
    if (io.signal.aborted) return endedBy(io.signal)
    report(error, io, name !== undefined && commandNames.includes(name) ? name : undefined)
    return exitCodeOf(error)
  }
}

async function runCommand(name: string, args: readonly string[], io: Io): Promise<number> {
  const command = await loadCommand(name)
  if (command === undefined) throw noCommand(name, commandNames)
  const parsed = parse(args, { ...command.options, ...common })
  if (parsed.values.help) return print(helpOf(command, io), io)
  if (parsed.values.version) return printVersion(io)
  if (command.runsCommand) return command.run(parsed, io)
  return command.run({ ...parsed, positionals: [...parsed.positionals, ...parsed.rest], rest: [] }, io)
}

async function withoutCommand(args: readonly string[], io: Io): Promise<number> {
  const { values } = parse(args, { ...network, ...common })
  return values.version ? printVersion(io) : print(helpOfAll(await io.commands(), io), io)
}

async function printVersion(io: Io): Promise<number> {
  const { version } = JSON.parse(await readFile(packageFile('package.json'), 'utf8')) as { version: string }
  return print(`${version}\n`, io)
}

function print(text: string, io: Io): number {
  io.stdout.write(text)
  return exit.ok
}
