import type { Endpoint } from '../directory/endpoint.js'
import type { Attempt } from './attempt.js'

/** The endpoints of a call's attempts, each of which knows the one before it. */
export function endpointsOf(newest: Attempt | undefined): Endpoint[] {
  const endpoints: Endpoint[] = []
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) endpoints.push(attempt.endpoint)
  return endpoints
}

export function pendingEndpoints(newest: Attempt | undefined): Endpoint[] {
  const endpoints: Endpoint[] = []
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending) endpoints.push(attempt.endpoint)
  }
  return endpoints
}

export function isPending(newest: Attempt | undefined): boolean {
  return oldestPending(newest) !== undefined
}

export function oldestPending(newest: Attempt | undefined): Attempt | undefined {
  let oldest: Attempt | undefined
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending) oldest = attempt
  }
  return oldest
}

/** Whether an attempt may run now whose answer is waited for. */
export function isSent(newest: Attempt | undefined): boolean {
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending && attempt.sent) return true
  }
  return false
}
