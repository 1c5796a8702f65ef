import type { Instance } from '@sleuth/core'
import type { Attempt } from './attempts.js'

/** One call, when it is over. Times are in milliseconds from its start. */
export interface Summary {
  readonly service: string
  readonly method: string
  readonly url: string
  readonly attempts: readonly Attempt[]
  /** The instance that responded. */
  readonly instance?: Instance | undefined
  readonly status?: number | undefined
  readonly contentType?: string | undefined
  /** Bytes of the body that were read. */
  readonly bytes: number
  /** 0 if there was no head. */
  readonly headAfter: number
  readonly total: number
  readonly code: number
  readonly error?: string | undefined
}
