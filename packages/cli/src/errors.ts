import type { Io } from './command.js'
import { exit } from './exit-codes.js'
import { jsonLine, plain } from './output/text.js'
import { UsageError } from './usage-error.js'

interface Coded extends Error {
  readonly code: string
}

/** Options of the library, and how they are written here. */
const dashed: Readonly<Record<string, string>> = {
  interface: '--interface',
  port: '--port',
  group: '--group',
  seeds: '--seed',
  timeout: '--timeout',
  service: 'the name of the service',
  version: '--service-version',
  security: '--keys',
}

/** Errors of the library that say that what the user wrote is wrong. */
const usage: ReadonlySet<string> = new Set([
  'SLEUTH_OPTION',
  'SLEUTH_ARGUMENT',
  'SLEUTH_SCHEME',
  'SLEUTH_URL',
  'SLEUTH_USERINFO',
  'SLEUTH_UPGRADE',
])

/** What an error says, in the words of the command line. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message.replace(
    /\boptions\.(\w+)(?:\.\w+)*/g,
    (name, option: string) => dashed[option] ?? name,
  )
  const advice = message.indexOf(inProgram)
  if (advice === -1) return message
  return `${message.slice(0, advice)}: check the name with "sleuth ls", or run "sleuth doctor"`
}

/** How the advice to a programmer begins when a service is unknown. */
const inProgram = ': check the name, await sleuth.waitFor('

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exit.usage
  if (!isCoded(error)) return exit.failed
  if (error.code === 'SLEUTH_UNKNOWN_SERVICE' || error.code === 'SLEUTH_NO_MATCH') return exit.unknownService
  if (error.code === 'SLEUTH_TIMEOUT') return exit.timeout
  // Written wrong, and not a way to find others that fails.
  if (error.code === 'SLEUTH_DISCOVERY' && isCoded(error.cause) && error.cause.code === 'ZRE_OPTION')
    return exit.usage
  // A port that can't be bound has a cause. One that is no port has none.
  if (error.code === 'SLEUTH_PORT' && error.cause === undefined) return exit.usage
  return usage.has(error.code) ? exit.usage : exit.failed
}

/** Prints an error in one line. Of an error without a code, which is a fault of this program, it prints the stack. */
export function report(error: unknown, { stderr, json, styleError }: Io, command?: string): void {
  const message = sentenceOf(error)
  if (json) {
    const code = isCoded(error) ? error.code : error instanceof UsageError ? 'USAGE' : undefined
    stderr.write(jsonLine({ error: { code, message } }))
    return
  }
  stderr.write(`${styleError('red', 'sleuth:')} ${plain(message)}\n`)
  if (error instanceof UsageError) {
    stderr.write(`Try "sleuth ${command === undefined ? '' : `${command} `}--help".\n`)
  } else if (error instanceof Error && !isCoded(error))
    stderr.write(`${error.stack?.split('\n').map(plain).join('\n')}\n`)
}

/** Errors of sleuth and of the system. `SleuthError` itself is not imported: most commands fail before they need it. */
function isCoded(error: unknown): error is Coded {
  return error instanceof Error && typeof (error as Partial<Coded>).code === 'string'
}
