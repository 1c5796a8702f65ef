import type { AbortReason, ResetReason } from '../transport.js'

const answered = new Set<AbortReason>(['timeout', 'closed', 'slow', 'length'])

/** Whether a request that is cut for this reason, before it had an answer, gets one. */
export function isAnswered(reason: AbortReason): boolean {
  return answered.has(reason)
}

/** What the caller reads, by the reason for which a request is cut. */
export const resetReasons: Record<AbortReason, ResetReason> = {
  destroyed: 'destroyed',
  failed: 'failed',
  'too-large': 'failed',
  timeout: 'timeout',
  slow: 'timeout',
  length: 'protocol',
  refused: 'draining',
  'client-disconnected': 'cancelled',
  closed: 'closed',
}
