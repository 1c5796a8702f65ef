import { defineCommand } from '../command.js'
import { network } from '../options.js'

export const watch = defineCommand({
  name: 'watch',
  summary: 'Print instances as they come and go, and why',
  usage: 'watch [service]',
  options: { ...network },
  examples: [
    ['sleuth watch', 'until Ctrl-C'],
    ['sleuth watch comment-service | awk \'$2 == "down"\'', 'those that go, with the reason'],
    ['sleuth watch --json >> events.log', 'to read later'],
  ],
  run: async (args, io) => (await import('../watch/watch.js')).runWatch(args, io),
})
