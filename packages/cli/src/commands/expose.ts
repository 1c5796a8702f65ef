import { defineCommand } from '../command.js'
import { network } from '../options.js'

export const expose = defineCommand({
  name: 'expose',
  summary: 'Make an HTTP server in any language a service',
  usage: 'expose NAME URL [-- command args]',
  runsCommand: true,
  options: {
    health: {
      type: 'string',
      value: 'PATH',
      help: 'a path that answers GET with 200 to 399 while the server is well; without it a connection is enough',
    },
    'health-interval': {
      type: 'string',
      value: 'TIME',
      default: '1s',
      help: 'time between two checks; 1s',
    },
    'max-connections': {
      type: 'string',
      value: 'NUMBER',
      default: '100',
      help: 'the most connections to the server; further requests wait; 100',
    },
    'no-keep-alive': {
      type: 'boolean',
      help: 'one request a connection: for a server that serves one at a time',
    },
    'kill-after': {
      type: 'string',
      value: 'TIME',
      default: '10s',
      help: 'time that the command has to end before it is killed; 10s',
    },
    'service-version': { type: 'string', value: 'TEXT', help: 'the version that others see' },
    ...network,
  },
  examples: [
    ['sleuth expose comment-service http://127.0.0.1:8000', 'a server that runs already'],
    [
      'sleuth expose shop http://127.0.0.1:8000 --health /health -- python3 app.py',
      'starts and stops the server',
    ],
  ],
  run: async (args, io) => (await import('../expose/run.js')).runExpose(args, io),
})
