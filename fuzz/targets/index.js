/** What is fuzzed, by name. */
export const targets = Object.fromEntries(
  [
    'beacon',
    'message',
    'zap',
    'texts',
    'keys',
    'bonds',
    'machine',
    'sleuth-v1',
    'json',
    'packet',
    'membership',
    'introspection',
    'events',
    'connection',
    'request-head',
    'url',
    'headers',
    'answer',
    'link',
  ].map((name) => [name, async () => (await import(`./${name}.js`)).default]),
)
