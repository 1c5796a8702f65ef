import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Program } from '../examples/program.js'

const run = promisify(execFile)

/** What the HTTP server of a program answers to one on the same host. */
export async function answerOf(program: Program, within: readonly string[]): Promise<string> {
  const [, url = ''] = await program.prints(/listens at (\S+)/)
  const code = `fetch('${url}').then(async (response) => console.log(response.status, await response.text()))`
  const [command = '', ...args] = [...within, process.execPath, '-e', code]
  const { stdout } = await run(command, args)
  return stdout
}
