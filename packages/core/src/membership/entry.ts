import type { GoneReason } from './message.js'
import type { MemberRecord, RecordKey } from './record.js'

/** What a member knows of one node. */
export interface Entry {
  record: MemberRecord
  key: RecordKey
  /** There is a link to it, so this member knows better than others whether it is alive. */
  linked: boolean
  /** The member that told about it first. `''` for a node that there was a link to. */
  source: string
  /** When it was certainly alive, as far as this member knows. */
  seenAt: number
  /** Since when there is no link to it, if there is none. */
  since: number
  /** When this member last made or forwarded a sign of life of it. */
  renewedAt: number
  /** There was a link to it, or its beacon came in: it is not just something that a member says. */
  isProven: boolean
  /** A greeting did not lead to a link. The record may be false, so that of another member replaces it. */
  isDoubtful: boolean
  greetings: number
  /** Somebody says that it is gone, and there is a link to it. */
  accusation: Accusation | undefined
  readonly contradictions: Contradictions
}

/** Who says that a node is gone, with which incarnation, and why. */
export interface Accusation {
  readonly by: string
  readonly incarnation: number
  readonly reason: GoneReason
}

/** How often this member has told others lately that what they say about a node is false, and when last. */
export interface Contradictions {
  count: number
  at: number
}

export function noContradictions(): Contradictions {
  return { count: 0, at: Number.NEGATIVE_INFINITY }
}
