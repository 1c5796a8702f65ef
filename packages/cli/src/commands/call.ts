import { callOptions } from '../call/options.js'
import { defineCommand } from '../command.js'

export const call = defineCommand({
  name: 'call',
  summary: 'Call a service, with the options of curl',
  usage: 'call [options] service/path',
  options: callOptions,
  examples: [
    ['sleuth call comment-service/comments?article=1', 'GET'],
    [
      `sleuth call comment-service/comments -H 'content-type: application/json' -d '{"text":"Hi"}'`,
      'POST some JSON',
    ],
    ['sleuth call store/big.iso -T big.iso', 'PUT a file, which is streamed'],
    ['sleuth call -v comment-service/', 'see who answers, after which attempts'],
    [`sleuth call -sf -o /dev/null -w '%{http_code}\\n' a-service/health`, 'in a script'],
  ],
  run: async (args, io) => (await import('../call/call.js')).runCall(args, io),
})
