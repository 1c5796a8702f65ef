import { defineCommand } from '../command.js'
import { network } from '../options.js'

export const ls = defineCommand({
  name: 'ls',
  summary: 'List the services and their instances',
  usage: 'ls [service]',
  options: {
    wait: { type: 'string', value: 'TIME', default: '1s', help: 'how long to listen before listing; 1s' },
    ...network,
  },
  examples: [
    ['sleuth ls', 'every instance of every service'],
    ['sleuth ls comment-service --wait 3s', 'one service, on a slow network'],
    ["sleuth ls | awk 'NR > 1 { print $4 }'", 'the endpoints'],
    ['sleuth ls --json | jq -r .service | sort | uniq -c', 'how many instances each service has'],
  ],
  run: async (args, io) => (await import('../ls/list.js')).list(args, io),
})
