import { routing } from '../call/routing.js'
import { defineCommand } from '../command.js'
import { network } from '../options.js'

export const gateway = defineCommand({
  name: 'gateway',
  summary: 'Serve HTTP and pass each request to a service',
  usage: 'gateway',
  options: {
    listen: {
      type: 'string',
      value: '[ADDRESS:]PORT',
      default: '127.0.0.1:8080',
      help: 'where to serve HTTP; 127.0.0.1:8080',
    },
    allow: {
      type: 'string',
      multiple: true,
      value: 'SERVICE',
      help: 'the only services to serve, divided by commas; repeatable; without it all',
    },
    host: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'a name of the gateway beside localhost: NAME/SERVICE/ and SERVICE.NAME; repeatable',
    },
    origin: {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'an origin whose pages may send POST and the like; repeatable; without it none',
    },
    'behind-proxy': {
      type: 'boolean',
      help: 'believe x-forwarded-host and the like: all clients are proxies of yours',
    },
    where: routing.where,
    prefer: routing.prefer,
    'max-connections': {
      type: 'string',
      value: 'NUMBER',
      default: '1024',
      help: 'the most connections of clients; 1024',
    },
    verbose: { type: 'boolean', short: 'v', help: 'print a line for each request to stderr' },
    ...network,
    timeout: { ...network.timeout, help: 'longest time to the head of a response; 30s' },
  },
  examples: [
    ['sleuth gateway', 'all services, on this machine alone'],
    ['sleuth gateway & curl http://comment-service.localhost:8080/comments', 'a service by its host'],
    ['sleuth gateway & curl http://localhost:8080/comment-service/comments', 'the same by its path'],
    [
      'sleuth gateway --listen 0.0.0.0:80 --host api.example.org --allow shop,blog',
      'two services, for everyone',
    ],
  ],
  run: async (args, io) => (await import('../gateway/run.js')).runGateway(args, io),
})
