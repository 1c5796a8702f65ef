import type { GoneReason, Message } from './message.js'
import type { Description, MemberRecord } from './record.js'

/** `all`: a link to every node. `used`: to neighbours and to what is called. `auto`: `all` up to 64 nodes, then `used`. */
export type LinkPolicy = 'all' | 'used' | 'auto'

export interface MembershipConfig {
  readonly self: Description
  /** The most records that are kept. */
  readonly maxRecords: number
  readonly links: LinkPolicy
  /** Whether a node's beacons are heard, so that others of its subnet are likely to hear them as well. */
  readonly isHeard: (id: string) => boolean
  /** From 0 to 1. */
  readonly random: () => number
}

/** What happens to a member. Times are milliseconds on a clock that never goes back. */
export type Input =
  | { readonly type: 'tick' }
  /** There is a link to a node. `speaks`: it may be told of others. */
  | { readonly type: 'linked'; readonly node: Description; readonly speaks: boolean }
  /** The link is no more. `gone`: the node has ended, or can't be reached. Else it is said to come back. */
  | { readonly type: 'unlinked'; readonly id: string; readonly gone: GoneReason | undefined }
  /** `size`: bytes. `invalid`: records in it that are passed over. */
  | {
      readonly type: 'message'
      readonly from: string
      readonly message: Message
      readonly size: number
      readonly invalid: number
    }
  /** What we say of ourselves is another thing now. */
  | { readonly type: 'self'; readonly self: Description }
  /** A service is called: links to its instances are wanted. */
  | { readonly type: 'used'; readonly service: string }

/** Why something that a member told was not taken. Each is a counter in `stats().dropped`. */
export type MembershipDrop =
  /** It is more than one member may tell in a while. */
  | 'membership-quota'
  /** A record of what no node can be. */
  | 'membership-record'
  /** A record whose incarnation is beyond what the last one makes likely. */
  | 'membership-incarnation'
  /** A record, and there is no room for it. */
  | 'membership-full'
  /** An answer to what was not asked. */
  | 'membership-unasked'
  /** A node to which there is a link is said to be gone, or to be another. */
  | 'membership-refuted'

/** What a member must do about it, in this order. */
export type Effect =
  | { readonly type: 'send'; readonly to: string; readonly message: Message }
  /** A link to a node is wanted. What is known of it is a hint. */
  | { readonly type: 'greet'; readonly record: MemberRecord }
  | { readonly type: 'up'; readonly record: MemberRecord }
  /** `expired`: nobody has told of it for too long. */
  | { readonly type: 'down'; readonly record: MemberRecord; readonly reason: GoneReason | 'expired' }
  | { readonly type: 'drop'; readonly reason: MembershipDrop; readonly from: string }
