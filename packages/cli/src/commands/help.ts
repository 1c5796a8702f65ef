import { defineCommand } from '../command.js'

export const help = defineCommand({
  name: 'help',
  summary: 'Print what a command does',
  usage: 'help [command]',
  options: {},
  examples: [['sleuth help call', 'the options of call, with examples']],
  async run({ positionals: [name] }, io) {
    const { helpOf, helpOfAll } = await import('../command-line/help.js')
    const { commandNamed } = await import('../command-line/command-named.js')
    const commands = await io.commands()
    io.stdout.write(name === undefined ? helpOfAll(commands, io) : helpOf(commandNamed(name, commands), io))
    return 0
  },
})
