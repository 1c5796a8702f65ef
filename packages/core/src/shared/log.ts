import type { Logger } from '@sleuth/zre'
import { pino } from 'pino'
import type { LogLevel } from '../types.js'
import { detailsOf, type SleuthError, sleuthError } from './errors.js'
import type { CheckedOptions } from './options.js'

/** pino's own names, and Go sleuth's twelve (config.go) by the least of pino's that shows as much. */
const levels: Record<LogLevel, string> = {
  silent: 'silent',
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'trace',
  blocked: 'error',
  unblocked: 'error',
  reject: 'warn',
  listen: 'info',
  install: 'info',
  init: 'info',
  request: 'info',
}

/** pino's, and what is made in its likeness. */
interface Levelled {
  isLevelEnabled?(level: string): boolean
}

const nothing = () => {}

const silent: Logger & Levelled = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  isLevelEnabled: () => false,
}

/** To be asked where a line for each call would cost an object that nobody sees. True of a logger that can't tell. */
export function isDebug(log: Logger & Levelled): boolean {
  return log.isLevelEnabled?.('debug') ?? true
}

/** The user's logger, or pino at the level asked for. An unknown level is `debug`, and 923 is logged (config.go). */
export function openLogger({ logger, logLevel }: CheckedOptions): Logger {
  const known = Object.hasOwn(levels, logLevel)
  const log = logger ?? createLogger(known ? levels[logLevel as LogLevel] : 'debug')
  if (!known) {
    const names = Object.keys(levels).join(', ')
    logProblem(
      log,
      'error',
      sleuthError('SLEUTH_LOG_LEVEL', { level: JSON.stringify(logLevel), levels: names }),
    )
  }
  return log
}

/** `log`, or where that is the default logger at `silent` or `fatal`, one to stderr: for what must not go unseen. */
export function aloud(log: Logger, { logger, logLevel }: CheckedOptions): Logger {
  const quiet = logger === undefined && (logLevel === 'silent' || logLevel === 'fatal')
  return quiet ? pino({ name: 'sleuth' }, pino.destination(2)) : log
}

/** A silent one makes no pino at all. */
function createLogger(level: string): Logger {
  return level === 'silent' ? silent : pino({ name: 'sleuth', level })
}

export function fieldsOf(problem: SleuthError): object {
  const { code, codes } = problem
  return { code, codes, ...detailsOf(problem) }
}

/** One line for a coded error that nobody awaits. */
export function logProblem(log: Logger, level: 'warn' | 'error', problem: SleuthError): void {
  log[level](fieldsOf(problem), `sleuth: ${problem.message}`)
}
