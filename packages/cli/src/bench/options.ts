import { routing } from '../call/routing.js'
import { network } from '../options.js'

export const benchOptions = {
  concurrency: { type: 'string', short: 'c', value: 'N', default: '64', help: 'calls at a time; 64' },
  duration: { type: 'string', short: 'd', value: 'TIME', default: '10s', help: 'for how long; 10s' },
  requests: { type: 'string', short: 'n', value: 'N', help: 'end after so many calls' },
  request: { type: 'string', short: 'X', value: 'METHOD', help: 'the method; GET, or POST with --body' },
  header: { type: 'string', short: 'H', multiple: true, value: 'LINE', help: 'a header, "Name: value"' },
  body: { type: 'string', short: 'b', value: 'DATA', help: 'send this body; @FILE reads a file, @- stdin' },
  wait: {
    type: 'string',
    value: 'TIME',
    default: '5s',
    help: 'how long to wait for an instance of the service; 5s',
  },
  ...routing,
  ...network,
  timeout: { ...network.timeout, default: '5s', help: 'longest time for a call; 5s' },
} as const
