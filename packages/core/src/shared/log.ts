import { createRequire } from 'node:module'
import type { Logger } from '@sleuth/zre'
import type * as Pino from 'pino'
import type { LogLevel } from '../types.js'
import { detailsOf, type SleuthError, sleuthError } from './errors.js'
import { guarded, type Levelled } from './guarded-logger.js'

/** The names of pino, and the twelve of Go sleuth (config.go): each maps to the pino level that shows as much. */
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

export interface LogOptions {
  /** The user's own. */
  readonly logger?: Logger | undefined
  readonly logLevel: string
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

/** The loggers that sleuth makes. Their level never changes. */
const own = new WeakSet<Logger>([silent])

/** The logger, if it may take debug lines now or later. The level of a user's logger may change. */
export function debugLog(log: Logger): Logger | undefined {
  return own.has(log) && !isDebug(log) ? undefined : log
}

/** Whether the logger takes debug lines now. True for a logger that has no `isLevelEnabled`. */
export function isDebug(log: Logger & Levelled): boolean {
  return log.isLevelEnabled?.('debug') ?? true
}

export function isLogLevel(level: string): level is LogLevel {
  return Object.hasOwn(levels, level)
}

/** The user's logger, or pino at the level of the options. For an unknown level it logs 923 and uses `debug` (config.go). */
export function openLogger({ logger, logLevel }: LogOptions): Logger {
  const known = isLogLevel(logLevel)
  const log = logger === undefined ? createLogger(known ? levels[logLevel] : 'debug') : guarded(logger)
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

/** For lines that must be seen: a logger to stderr if `log` is the default one at `silent` or `fatal`, and `log` otherwise. */
export function aloud(log: Logger, { logger, logLevel }: LogOptions): Logger {
  const quiet = logger === undefined && (logLevel === 'silent' || logLevel === 'fatal')
  if (!quiet) return log
  const { pino } = loadPino()
  return pino({ name: 'sleuth' }, pino.destination(2))
}

/** The methods of a logger, from the least severe. */
const methods = ['trace', 'debug', 'info', 'warn', 'error'] as const

/** Makes the pino logger only for the first line: to load pino takes longer than to join. */
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

/** Writes one line about a coded error that nobody awaits. */
export function logProblem(log: Logger, level: 'warn' | 'error', problem: SleuthError): void {
  log[level](fieldsOf(problem), `sleuth: ${problem.message}`)
}

/** The most lines of one kind in a second: no peer may fill the log. */
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

  /** Writes a line about an error. Its kind is its code. */
  warn(log: Logger, problem: SleuthError): void {
    const { code, codes, message } = problem
    if (this.#take(log, 'warn', code, { code, codes })) log.warn(fieldsOf(problem), `sleuth: ${message}`)
  }

  /** Writes a line. Its kind is `message`, so the text of peers belongs in `fields`. */
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
