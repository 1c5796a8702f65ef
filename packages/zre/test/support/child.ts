import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Child {
  process: ChildProcess
  ended: Promise<{ code: number | null; output: string }>
}

/** Runs one of `programs` in a process of its own. */
export function start(program: string, port: number, ...args: string[]): Child {
  const path = fileURLToPath(new URL(`./programs/${program}.js`, import.meta.url))
  const child = spawn(process.execPath, [path, String(port), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
  return { process: child, ended: once(child, 'close').then(([code]) => ({ code, output })) }
}
