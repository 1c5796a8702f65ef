import { sleuthError } from '../shared/errors.js'
import { type Counters, countDropped } from '../shared/stats.js'
import type { Logger } from '../types.js'

/** A peer sent what is dropped. */
export function unreadable(counters: Counters, log: Logger, what: string, why: string): void {
  countDropped(sleuthError('SLEUTH_EVENT_MESSAGE', { what, why }), counters, log)
}
