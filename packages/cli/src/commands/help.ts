import { defineCommand } from '../command.js'
import { UsageError } from '../usage-error.js'

export const help = defineCommand({
  name: 'help',
  summary: 'Print what a command does',
  usage: 'help [command]',
  options: {},
  examples: [['sleuth help call', 'the options of call, with examples']],
  async run({ positionals: [name, ...others] }, io) {
    if (others.length > 0) throw new UsageError(`help takes one command, and not "${others[0]}" as well`)
    const { helpOf, helpOfAll } = await import('../command-line/help.js')
    const { commandNamed } = await import('../command-line/command-named.js')
    const commands = await io.commands()
    io.stdout.write(name === undefined ? helpOfAll(commands, io) : helpOf(commandNamed(name, commands), io))
    return 0
  },
})
