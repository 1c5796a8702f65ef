// @ts-check
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * A service in a process of its own.
 *
 * @typedef {object} Running
 * @property {string} service
 * @property {string} framework
 * @property {string} url Where it answers over HTTP.
 * @property {number} pid
 * @property {() => Promise<void>} stop Lets it leave the network and end.
 */

/** How to stop each one that was started. @type {Set<() => Promise<void>>} */
const stops = new Set()

/**
 * Starts one of the programs in `examples/articles`. Resolves when it is up.
 *
 * @param {string} service
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Running>}
 */
export function start(service, env) {
  const program = fileURLToPath(new URL(`../articles/${service}.js`, import.meta.url))
  const child = fork(program, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('exit', () => resolve()))
  let up = false
  const stop = () => {
    stops.delete(stop)
    // One that is up leaves the network when it sees that we have hung up.
    if (!up) child.kill()
    else if (child.connected) child.disconnect()
    return ended
  }
  stops.add(stop)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`${service} ended with ${signal ?? code} before it was up`)),
    )
    child.once('message', (about) => {
      up = true
      resolve({ .../** @type {Omit<Running, 'pid' | 'stop'>} */ (about), pid: child.pid ?? 0, stop })
    })
  })
}

/** Stops what is still running. */
export async function stopAll() {
  await Promise.all([...stops].map((stop) => stop()))
}
