import { benchOptions } from '../bench/options.js'
import { defineCommand } from '../command.js'

export const bench = defineCommand({
  name: 'bench',
  summary: 'Call a service again and again, and measure it',
  usage: 'bench [options] service/path',
  options: benchOptions,
  examples: [
    ['sleuth bench comment-service/comments', '64 calls at a time, for 10 seconds'],
    ['sleuth bench comment-service/comments -c 1 -n 1000', 'a thousand, one after another'],
    ['sleuth bench a-service/ -d 5s --json | jq .latency.p99', 'in a script'],
  ],
  run: async (args, io) => (await import('../bench/bench.js')).runBench(args, io),
})
