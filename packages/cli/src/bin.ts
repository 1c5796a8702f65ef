import { exit } from './exit-codes.js'
import { main } from './main.js'

const abort = new AbortController()

/** The second Ctrl-C does not wait for what the first one began. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (abort.signal.aborted) process.exit(signal === 'SIGINT' ? exit.interrupted : exit.terminated)
    abort.abort(signal)
  })
}

/** `sleuth watch | head -1`: nobody reads any more, and that is no error. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exit(exit.failed)
    if (abort.signal.aborted) process.exit(exit.pipe)
    abort.abort('SIGPIPE')
  })
}

// No await at the top: the bundle is a CommonJS module.
async function run(): Promise<void> {
  const { stdout, stderr, stdin, env } = process
  const code = await main(process.argv.slice(2), { stdout, stderr, stdin, env, signal: abort.signal })
  // stdin, or a socket that still closes, would keep the process. What was written to a pipe may not be there yet.
  await Promise.all([stdout, stderr].map((stream) => new Promise((done) => stream.write('', done))))
  process.exit(code)
}

void run()
