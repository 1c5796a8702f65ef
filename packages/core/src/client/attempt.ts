import type { Endpoint } from '../directory/endpoint.js'
import type { RawHeaders } from '../http/text.js'
import type { AbortLike } from '../shared/abort.js'
import type { Body } from '../transport/streams/incoming-body.js'
import type { ReadBody, Streamed } from './body.js'
import type { Target } from './target.js'

/** What a call resolves to. A body of the second wire may still be on its way. */
export interface Reply {
  readonly code: number
  readonly headers: string[]
  readonly body: Buffer | Body
}

/** One request to one instance. */
export interface Attempt {
  readonly member: Endpoint
  /** The request has left, and may have run. */
  readonly sent: boolean
  /** Neither answered, nor failed, nor given up. */
  pending: boolean
  /** The one that the call made before it. */
  before: Attempt | undefined
  /** Throws for what is wrong with the call itself. */
  send(): void
  /** Nobody waits for its answer any more, or wants the one that came. */
  cancel(): void
}

/** The call that an attempt is made for. */
export interface AttemptOwner {
  readonly target: Target
  readonly method: string
  readonly headers: RawHeaders
  readonly signal: AbortLike | null | undefined
  body: ReadBody | Streamed
  /** A body that can be read only once has been begun with. */
  opened: boolean
  /** Milliseconds that are left until the caller gives up; `Infinity` for never. */
  readonly timeLeft: number
  answered(attempt: Attempt, reply: Reply): void
  /** The reply had a header that HTTP could not carry. */
  unfit(): void
  /** The head of the reply was larger than is taken. */
  headTooLarge(): void
  /** `elsewhere`: it is the instance that failed, and another may do better. */
  failed(attempt: Attempt, error: unknown, elsewhere: boolean): void
}

/** Of a call's attempts, each of which knows the one before it. */
export function membersOf(newest: Attempt | undefined): Endpoint[] {
  const members: Endpoint[] = []
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) members.push(attempt.member)
  return members
}

/** Of those whose answer is waited for. */
export function pendingMembers(newest: Attempt | undefined): Endpoint[] {
  const members: Endpoint[] = []
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending) members.push(attempt.member)
  }
  return members
}

export function oldestPending(newest: Attempt | undefined): Attempt | undefined {
  let oldest: Attempt | undefined
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending) oldest = attempt
  }
  return oldest
}

/** Whether one may run now whose answer is waited for. */
export function isSent(newest: Attempt | undefined): boolean {
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending && attempt.sent) return true
  }
  return false
}
