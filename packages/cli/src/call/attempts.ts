import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AttemptMessage, Instance } from '@sleuth/core'
import { sentenceOf } from '../errors.js'

/** One request to one instance. */
export interface Attempt {
  readonly instance: Instance
  readonly cause: AttemptMessage['cause']
  readonly outcome: AttemptMessage['outcome']
  readonly status?: number | undefined
  readonly error?: string | undefined
  /** Milliseconds. */
  readonly duration: number
}

/** Calls `listener` when an attempt of this process ends. Returns what stops it. */
export function onAttempt(listener: (attempt: Attempt) => void): () => void {
  const hear = (message: unknown) => {
    const { instance, cause, outcome, status, error, duration } = message as AttemptMessage
    const why = error === undefined ? undefined : sentenceOf(error)
    listener({ instance, cause, outcome, status, error: why, duration })
  }
  subscribe('sleuth.attempt', hear)
  return () => unsubscribe('sleuth.attempt', hear)
}
