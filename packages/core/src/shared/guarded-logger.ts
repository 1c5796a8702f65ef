import type { Logger } from '@sleuth/zre'
import { reasonOf, sleuthError } from './errors.js'
import { handleRejection } from './thenable.js'

/** pino, or a logger like it. */
export interface Levelled {
  isLevelEnabled?(level: string): boolean
}

/**
 * A user's logger may fail, as pino does once the thread that it writes by has ended. Sleuth goes on, and a warning of the
 * process tells of the first time. Methods are looked up for each line: pino has others when its level changes.
 */
export function guarded(logger: Logger & Levelled): Logger & Levelled {
  let hasFailed = false
  const failed = (cause: unknown) => {
    if (!hasFailed) process.emitWarning(sleuthError('SLEUTH_LOGGER', { why: reasonOf(cause) }, { cause }))
    hasFailed = true
  }
  const attempt = (action: () => unknown): unknown => {
    try {
      const given = action()
      handleRejection(given, failed)
      return given
    } catch (error) {
      failed(error)
      return undefined
    }
  }
  return {
    trace: (fields, message) => void attempt(() => logger.trace(fields, message)),
    debug: (fields, message) => void attempt(() => logger.debug(fields, message)),
    info: (fields, message) => void attempt(() => logger.info(fields, message)),
    warn: (fields, message) => void attempt(() => logger.warn(fields, message)),
    error: (fields, message) => void attempt(() => logger.error(fields, message)),
    isLevelEnabled: (level) => attempt(() => logger.isLevelEnabled?.(level)) !== false,
  }
}
