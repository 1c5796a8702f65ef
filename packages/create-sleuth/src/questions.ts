import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline/promises'
import { type Asked, checkFramework, checkName } from './arguments.js'
import type { Choice } from './files.js'
import { frameworks } from './frameworks.js'

/** What `process` has. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean | undefined }
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

/** Ctrl-C or Ctrl-D in place of an answer. */
export class NoAnswer extends Error {}

/** Asks for what the arguments do not say. Without a terminal there is nobody to ask: it takes what is usual. */
export async function choose(asked: Asked, { stdin, stdout }: Terminal): Promise<Choice> {
  const terminal = stdin.isTTY ? createInterface({ input: stdin, output: stdout }) : undefined
  const ask = async <T>(question: string, usual: string, check: (answer: string) => T): Promise<T> => {
    if (terminal === undefined) return check(usual)
    for (;;) {
      const answer = (await answerTo(terminal, `${question} [${usual}]: `)).trim()
      try {
        return check(answer || usual)
      } catch (error) {
        stdout.write(`${(error as Error).message}\n`)
      }
    }
  }
  try {
    return {
      name: asked.name ?? (await ask('Name of the service', 'my-service', checkName)),
      framework:
        asked.framework ??
        (await ask(`Framework (${Object.keys(frameworks).join(', ')})`, 'fastify', checkFramework)),
      typescript: asked.typescript ?? (await ask('TypeScript (yes, no)', 'yes', checkYes)),
    }
  } finally {
    terminal?.close()
  }
}

/** Some versions of Node leave a question that is given up unanswered, others reject. */
async function answerTo(terminal: Interface, question: string): Promise<string> {
  const answered = new AbortController()
  const givenUp = once(terminal, 'close', { signal: answered.signal }).then(() => undefined)
  try {
    const answer = await Promise.race([terminal.question(question), givenUp])
    if (answer !== undefined) return answer
  } catch {
    // Given up, as below.
  } finally {
    givenUp.catch(() => undefined)
    answered.abort()
  }
  throw new NoAnswer()
}

function checkYes(answer: string): boolean {
  if (/^y(es)?$/i.test(answer)) return true
  if (/^no?$/i.test(answer)) return false
  throw new Error(`"${answer}" is neither yes nor no`)
}
