import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * A process of its own; resolves to it when it has sent its first message, which is given as `ready`.
 * `checkout`: where its packages of sleuth come from, if not from this checkout. `execArgv`: options of Node.
 */
export async function start(file, args = [], { checkout, execArgv = [] } = {}) {
  const env = { ...process.env, SLEUTH_INTERFACE: 'loopback' }
  const hooks = checkout === undefined ? [] : ['--import', new URL('from-checkout.js', import.meta.url).href]
  if (checkout !== undefined) env.SLEUTH_BENCH_CHECKOUT = checkout
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = fork(path, args.map(String), { env, execArgv: [...hooks, ...execArgv] })
  const [ready] = await firstMessage(child, file)
  return { child, file, ready }
}

/** Runs a process to its end; resolves to the one message that it sends. */
export async function run(file, args, options) {
  const { child, ready } = await start(file, args, options)
  if (child.exitCode === null) await once(child, 'exit')
  return ready
}

/** What a process answers: see `serve`. */
export async function ask({ child, file }, name, argument) {
  child.send({ name, argument })
  const [answer] = await firstMessage(child, file)
  return answer
}

/** Microseconds of CPU that a server has taken up to now. */
export async function cpuOf(server) {
  const { user, system } = await ask(server, 'cpu')
  return user + system
}

export async function end({ child }) {
  if (child.exitCode !== null) return
  child.send({ name: 'end' })
  await once(child, 'exit')
}

/** A child that ends before it answers fails the run. */
async function firstMessage(child, file) {
  const settled = new AbortController()
  const { signal } = settled
  try {
    return await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`${file} ended with code ${code} before it answered`)
      }),
    ])
  } finally {
    settled.abort()
  }
}
