import { defineCommand } from '../command.js'
import { network } from '../options.js'

export const map = defineCommand({
  name: 'map',
  summary: 'Show the network as a page in a browser',
  usage: 'map',
  options: {
    listen: {
      type: 'string',
      value: 'ADDRESS:PORT',
      default: '127.0.0.1:8090',
      help: 'where the page is; 127.0.0.1:8090. Port 0: a free one',
    },
    token: {
      type: 'string',
      value: 'TEXT',
      help: 'who has no such token sees nothing; needed off 127.0.0.1 (SLEUTH_MAP_TOKEN)',
    },
    host: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'a host name by which the page may be asked; repeatable',
    },
    ...network,
  },
  examples: [
    ['sleuth map', 'who is there, who calls whom, and what is wrong'],
    ['sleuth map --listen 127.0.0.1:0', 'at any free port'],
    ['SLEUTH_MAP_TOKEN=secret sleuth map --listen 0.0.0.0:8090', 'for other machines as well'],
  ],
  run: async (args, io) => (await import('../map/serve.js')).serve(args, io),
})
