import type { AbortLike } from '../shared/abort.js'
import type { InspectSubject } from '../types.js'

/** A question of the user's, checked. */
export interface Inquiry {
  /** The id of a peer, or of this node. */
  readonly peer: string
  readonly subject: InspectSubject
  /** Milliseconds; `Infinity` for no limit. */
  readonly timeout: number
  readonly signal: AbortLike | undefined
}
