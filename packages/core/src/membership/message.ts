import type { MemberRecord, RecordKey } from './record.js'

/** A record, and how many seconds ago its node was certainly alive. */
export interface Told {
  readonly record: MemberRecord
  readonly age: number
}

/** Why a node is said to be gone. */
export type GoneReason = 'stopped' | 'lost'

export interface Gone {
  readonly id: string
  readonly incarnation: number
  readonly reason: GoneReason
}

/** A node whose record is known was alive so many seconds ago. */
export interface Renewal {
  readonly id: string
  readonly incarnation: number
  readonly age: number
}

/** One asks whether a link is wanted by the other. `agree`: it is not, and is closed. `refuse`: it is. */
export type PartStep = 'ask' | 'agree' | 'refuse'

/** What one member tells another. */
export type Message =
  | { readonly type: 'know'; readonly told: readonly Told[] }
  | { readonly type: 'gone'; readonly gone: readonly Gone[] }
  | { readonly type: 'alive'; readonly renewals: readonly Renewal[] }
  /** The XOR of the keys of all records that the sender has. */
  | { readonly type: 'digest'; readonly digest: bigint }
  /** The answer to a digest that differs: the keys of all records that the sender has. */
  | { readonly type: 'have'; readonly keys: readonly RecordKey[] }
  /** The answer to that: the keys of records that the sender lacks. */
  | { readonly type: 'want'; readonly keys: readonly RecordKey[] }
  /** About the link itself: see `PartStep`. */
  | { readonly type: 'part'; readonly step: PartStep }
