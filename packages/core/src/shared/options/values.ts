import * as v from 'valibot'
import type { Logger } from '../../types.js'
import { isHost, isPlain, isShort } from '../names.js'

export const MiB = 1024 * 1024

// Node's timers hold 31 bits: a longer delay would fire at once.
const maxTimeout = 2 ** 31 - 1

export const text = v.string('must be a string')

const oneByteLength = v.check(isShort, 'must be at most 255 bytes long')

export const headerText = v.pipe(
  text,
  v.nonEmpty('must not be empty'),
  oneByteLength,
  v.check(isPlain, 'must not contain control characters, line breaks or bidi marks'),
)

export const serviceName = v.pipe(
  text,
  v.nonEmpty('must not be empty: a service is called by its name, as in sleuth://article-service/'),
  v.check((value) => !value.includes('%'), 'must not contain "%", which Go peers mangle'),
  v.check(
    isHost,
    "must be able to stand as the host in sleuth://name/: letters, digits and -._~!$&'()*+,;= only",
  ),
  oneByteLength,
)

export const bytes = v.pipe(
  v.number('must be a number of bytes'),
  v.safeInteger('must be a whole number of bytes'),
  v.minValue(1024, 'must be at least 1024 bytes'),
  // A message is read into one JavaScript string, and those end at 512 Mi characters.
  v.maxValue(256 * MiB, 'must be at most 256 MiB'),
)

export const timeoutProblem = `must be a number of milliseconds from 1 to ${maxTimeout}, or Infinity for no limit`

/** A whole number of something, at least so many. */
export const count = (least: number) =>
  v.pipe(
    v.number('must be a whole number'),
    v.safeInteger('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
  )

export const timeout = v.pipe(
  v.number(timeoutProblem),
  v.check((value: number) => isTimeout(value), timeoutProblem),
)

export const waitForProblem =
  'must be a number of milliseconds above 0, or true for as long as the timeout allows, or false'

const drainProblem = `must be a number of milliseconds from 0 to ${maxTimeout}, or Infinity for no limit`

export const drainTimeout = v.pipe(
  v.number(drainProblem),
  v.check((value: number) => value === 0 || isTimeout(value), drainProblem),
)

const lostProblem = 'must be a whole number of milliseconds from 300 to 600000'

export const lostAfter = v.pipe(
  v.number(lostProblem),
  v.check((value) => Number.isInteger(value) && value >= 300 && value <= 600_000, lostProblem),
)

const inflightProblem = 'must be a whole number of requests, at least 1, or Infinity for no limit'

export const maxInflight = v.pipe(
  v.number(inflightProblem),
  v.check((value) => value >= 1 && (Number.isInteger(value) || value === Infinity), inflightProblem),
)

/**
 * What a fast handler behind a framework gets done (10,000 requests a second) in the default timeout (half a second): of more
 * than that, callers would see nothing but timeouts.
 */
export const inflightDefault = 5000

/** As many as ZeroMQ has sockets for. */
const peersProblem = 'must be a whole number from 1 to 16384'

export const peers = v.pipe(
  v.number(peersProblem),
  v.check((value) => Number.isInteger(value) && value >= 1 && value <= 16_384, peersProblem),
)

/** What a packet holds, with all else that is in it. */
const eventProblem = 'must be a whole number of bytes from 1024 to 1048576'

export const eventBytes = v.pipe(
  v.number(eventProblem),
  v.check((value) => Number.isInteger(value) && value >= 1024 && value <= MiB, eventProblem),
)

/** As many as one frame names. */
const patternsProblem = 'must be a whole number from 1 to 1024'

export const patterns = v.pipe(
  v.number(patternsProblem),
  v.check((value) => Number.isInteger(value) && value >= 1 && value <= 1024, patternsProblem),
)

export const balances = ['round-robin', 'least-pending'] as const

export const balanceProblem = 'must be "round-robin" or "least-pending"'

export const functionOf = <T>(message: string) => v.custom<T>((value) => typeof value === 'function', message)

const loggerMethods = ['trace', 'debug', 'info', 'warn', 'error'] as const

export const logger = v.custom<Logger>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    loggerMethods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
  `must be a logger with the methods ${loggerMethods.join(', ')}, such as pino's`,
)

export function isTimeout(value: unknown): value is number {
  return typeof value === 'number' && ((value >= 1 && value <= maxTimeout) || value === Infinity)
}

export function isWaitFor(value: unknown): value is number | boolean {
  return typeof value === 'boolean' || isTimeout(value)
}

export function isBalance(value: unknown): value is (typeof balances)[number] {
  return (balances as readonly unknown[]).includes(value)
}
