// Runs one built test file, or a group of them, in a process of its own.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { root } from './kinds.js'
import { Outcome } from './outcome.js'

const reporter = (name) => pathToFileURL(join(root, 'scripts', name)).href
const KILL_AFTER_MS = 5000
let started = 0

/**
 * @param {string} path
 * @param {{ sources: string[], timeout: number, env: NodeJS.ProcessEnv, isLive: boolean, folder: string }} options
 *   `isLive`: its output is shown at once. `folder`: for a file of its own
 * @returns {Promise<{ outcome: Outcome, output: string, seconds: number }>}
 */
export async function runProcess(path, { sources, timeout, env, isLive, folder }) {
  const file = join(folder, `${++started}.jsonl`)
  const args = [
    `--test-reporter=${reporter('text-reporter.js')}`,
    '--test-reporter-destination=stdout',
    `--test-reporter=${reporter('outcome-reporter.js')}`,
    `--test-reporter-destination=${file}`,
    path,
  ]
  const from = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', isLive ? 'inherit' : 'pipe', isLive ? 'inherit' : 'pipe'],
  })
  const isOver = killLate(child, timeout)
  const [out, err, [code, signal]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'exit'),
  ])
  const end = isOver()
    ? `it did not end within ${timeout / 1000} s`
    : code === 0
      ? undefined
      : `it ended with ${signal ?? `the code ${code}`}`
  return {
    outcome: Outcome.of(file, sources, end),
    output: out + err,
    seconds: (performance.now() - from) / 1000,
  }
}

/** Returns whether the process was killed because it took too long. */
function killLate(child, timeout) {
  let isOver = false
  const timers = [
    setTimeout(() => {
      isOver = true
      child.kill()
    }, timeout),
    setTimeout(() => child.kill('SIGKILL'), timeout + KILL_AFTER_MS),
  ]
  child.once('exit', () => timers.forEach(clearTimeout))
  return () => isOver
}
