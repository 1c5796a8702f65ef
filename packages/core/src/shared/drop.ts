import type { Logger } from '@sleuth/zre'
import { publishDrop } from './diagnostics.js'
import { reasonOf, SleuthError, sleuthError } from './errors.js'
import type { Counters } from './stats.js'

/** One counter, and a log line unless there are too many, for a message that is thrown away, by its code. */
export function countDropped(error: unknown, counters: Counters, log: Logger): void {
  const known =
    error instanceof SleuthError
      ? error
      : sleuthError('SLEUTH_DISPATCH', { why: reasonOf(error) }, { cause: error })
  counters.dropped(known.code)
  counters.warnings.warn(log, known)
  publishDrop(known)
}
