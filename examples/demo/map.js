// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const sleuth = fileURLToPath(new URL('../../packages/cli/bin/sleuth.js', import.meta.url))

/**
 * Starts `sleuth map` at a free port.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startMap(env) {
  const child = spawn(process.execPath, [sleuth, 'map', '--listen', '127.0.0.1:0', '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const early = ended.then(([code, signal]) => {
    throw new Error(`sleuth map ended with ${signal ?? code} before it was up`)
  })
  const [printed] = await Promise.race([once(child.stdout, 'data'), early])
  early.catch(() => {})
  const stop = async () => {
    child.kill()
    await ended
  }
  return { url: JSON.parse(String(printed)).url, stop }
}
