import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of its own; resolves to it when it has sent its first message, which is given as `ready`. */
export async function start(file, ...args) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = fork(path, args.map(String), { env: { ...process.env, SLEUTH_INTERFACE: 'loopback' } })
  const [ready] = await firstMessage(child, file)
  return { child, ready }
}

/** Runs a process to its end; resolves to the one message that it sends. */
export async function run(file, ...args) {
  const { child, ready } = await start(file, ...args)
  if (child.exitCode === null) await once(child, 'exit')
  return ready
}

/** Microseconds of CPU that a server has taken up to now. */
export async function cpuOf({ child }) {
  child.send('cpu')
  const [{ user, system }] = await once(child, 'message')
  return user + system
}

export async function end({ child }) {
  if (child.exitCode !== null) return
  child.send('end')
  await once(child, 'exit')
}

function firstMessage(child, file) {
  return Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${file} ended with code ${code} before it answered`)
    }),
  ])
}
