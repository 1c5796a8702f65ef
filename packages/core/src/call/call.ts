import type { Stop } from '../stop.js'
import type { BodyInput, CallOptions } from '../types.js'
import type { RawHeaders } from '../wire/json.js'
import type { Target } from './target.js'

/** A call as `do` and `request` have understood it. */
export interface Call {
  readonly target: Target
  readonly method: string
  headers: RawHeaders
  readonly body: BodyInput
  readonly timeout: number | undefined
  readonly signal: Stop | null | undefined
  readonly retry: CallOptions['retry']
  readonly waitFor: CallOptions['waitFor']
  /** How many instances it was sent to, as far as it has come. */
  tries: number
}
