import { createRequire } from 'node:module'
import type { Logger } from '@sleuth/zre'
import type * as Pino from 'pino'
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

const noop = () => {}

const silent: Logger & Levelled = {
  trace: noop,
  debug: noop,
  info: noop,
  warn: noop,
  error: noop,
  isLevelEnabled: () => false,
}

/** Loggers of sleuth's own, whose level never changes. */
const own = new WeakSet<Logger>([silent])

/** The logger, if debug lines may be wanted now or later: a user's logger may change its level. */
export function debugLog(log: Logger): Logger | undefined {
  return own.has(log) && !isDebug(log) ? undefined : log
}

/** Guards debug lines of each call. Assumes true of a logger that has no `isLevelEnabled`. */
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
  if (!quiet) return log
  const { pino } = loadPino()
  return pino({ name: 'sleuth' }, pino.destination(2))
}

/** The methods of a logger, from the least severe. */
const methods = ['trace', 'debug', 'info', 'warn', 'error'] as const

/** A logger of pino's that is made for its first line: to load pino takes longer than to join. */
function createLogger(level: string): Logger {
  if (level === 'silent') return silent
  const least = level === 'fatal' ? methods.length : methods.indexOf(level as (typeof methods)[number])
  const isLevelEnabled = (name: string) => methods.indexOf(name as (typeof methods)[number]) >= least
  let made: Logger | undefined
  const write =
    (method: (typeof methods)[number]): Logger['info'] =>
    (fields, message) => {
      made ??= loadPino().pino({ name: 'sleuth', level })
      made[method](fields, message)
    }
  const lazy = { ...silent, isLevelEnabled }
  for (const method of methods) if (isLevelEnabled(method)) lazy[method] = write(method)
  own.add(lazy)
  return lazy
}

function loadPino(): typeof Pino {
  return createRequire(import.meta.url)('pino') as typeof Pino
}

function fieldsOf(problem: SleuthError): object {
  const { code, codes } = problem
  return { code, codes, ...detailsOf(problem) }
}

/** One line for a coded error that nobody awaits. */
export function logProblem(log: Logger, level: 'warn' | 'error', problem: SleuthError): void {
  log[level](fieldsOf(problem), `sleuth: ${problem.message}`)
}

/** Lines of one kind within a second. A peer must not be able to fill the log. */
const MAX_LINES = 5
const WINDOW_MS = 1000

type Level = 'info' | 'warn' | 'error'

interface Window {
  lines: number
  left: number
}

/** Writes the first few lines of each kind in each second, and then one line with the number of the others. */
export class Throttle {
  readonly #windows = new Map<string, Window>()

  /** A problem's kind is its code. */
  warn(log: Logger, problem: SleuthError): void {
    const { code, codes, message } = problem
    if (this.#take(log, 'warn', code, { code, codes })) log.warn(fieldsOf(problem), `sleuth: ${message}`)
  }

  /** `message` is the kind of the line, so text of peers belongs in `fields`. */
  write(log: Logger, level: Level, fields: object, message: string): void {
    if (this.#take(log, level, `"${message}"`)) log[level](fields, `sleuth: ${message}`)
  }

  #take(log: Logger, level: Level, kind: string, fields: object = {}): boolean {
    let window = this.#windows.get(kind)
    if (window === undefined) {
      window = { lines: 0, left: 0 }
      this.#windows.set(kind, window)
      setTimeout(() => this.#close(log, level, kind, fields), WINDOW_MS).unref()
    }
    const isFree = window.lines < MAX_LINES
    if (isFree) window.lines++
    else window.left++
    return isFree
  }

  #close(log: Logger, level: Level, kind: string, fields: object): void {
    const left = this.#windows.get(kind)?.left ?? 0
    this.#windows.delete(kind)
    if (left > 0) log[level]({ ...fields, left }, `sleuth: ${left} more of ${kind} within a second`)
  }
}
