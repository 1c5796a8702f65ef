import { defineCommand } from '../command.js'
import { keysOptions } from '../keys/options.js'

export const keys = defineCommand({
  name: 'keys',
  summary: 'Make and check the keys of a closed network',
  usage: 'keys generate | show FILE | check LIST',
  words: ['generate', 'show', 'check'],
  options: keysOptions,
  examples: [
    ['sleuth keys generate -o me.keys --name me >> allowed', 'new keys; the public one joins the list'],
    ['sleuth keys show me.keys', 'the public key, as a line for a list'],
    ['sleuth keys check allowed --keys me.keys', 'is the list right, and is this key in it?'],
    ['sleuth ls --keys me.keys', 'look into the closed network'],
  ],
  run: async (args, io) => (await import('../keys/keys.js')).runKeys(args, io),
})
