import { defineCommand } from '../command.js'
import { network } from '../options.js'

export const watch = defineCommand({
  name: 'watch',
  summary: 'Print instances as they come and go, and why',
  usage: 'watch [service]',
  options: {
    top: { type: 'boolean', help: 'print a table of rates and times instead, again and again' },
    interval: { type: 'string', value: 'TIME', default: '1s', help: 'how often with --top; 1s' },
    ...network,
  },
  examples: [
    ['sleuth watch', 'until Ctrl-C'],
    ['sleuth watch comment-service | awk \'$2 == "down"\'', 'those that go, with the reason'],
    ['sleuth watch --top', 'requests, errors and times of each instance, each second'],
    ['sleuth watch --json >> events.log', 'to read later'],
  ],
  run: async (args, io) => (await import('../watch/watch.js')).runWatch(args, io),
})
