import { defineCommand } from '../command.js'

export const completion = defineCommand({
  name: 'completion',
  summary: 'Print what makes a shell complete sleuth',
  usage: 'completion bash|zsh|fish',
  words: ['bash', 'zsh', 'fish'],
  options: {},
  examples: [
    ['source <(sleuth completion bash)', 'in ~/.bashrc'],
    ['source <(sleuth completion zsh)', 'in ~/.zshrc, after compinit'],
    ['sleuth completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  async run({ positionals }, io) {
    const { completionFor } = await import('../completion/completion.js')
    io.stdout.write(completionFor(positionals, await io.commands()))
    return 0
  },
})
