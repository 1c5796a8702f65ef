export const keysOptions = {
  output: {
    type: 'string',
    short: 'o',
    value: 'FILE',
    help: 'write the new keys to this file, for you alone',
  },
  name: { type: 'string', value: 'NAME', help: 'what stands beside the key in a list, for people' },
  allow: {
    type: 'string',
    value: 'LIST',
    default: 'allowed',
    help: 'the list of allowed keys that the file of keys names; allowed, beside the file',
  },
  keys: { type: 'string', value: 'FILE', help: 'with check: is the key of this file in the list?' },
} as const
