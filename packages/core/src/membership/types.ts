import type { GoneReason, Message } from './message.js'
import type { Description, MemberRecord } from './record.js'

/** `all`: links to all nodes. `used`: to neighbours and to services that are called. `auto`: `all` up to 64 nodes, then `used`. */
export type LinkPolicy = 'all' | 'used' | 'auto'

export interface MembershipConfig {
  readonly self: Description
  /** The most records that are kept. */
  readonly maxRecords: number
  readonly links: LinkPolicy
  /** Whether this node receives the beacons of a node. Then others on the subnet are likely to receive them too. */
  readonly isHeard: (id: string) => boolean
  /** Whether this node may connect to an endpoint. */
  readonly mayConnect: (endpoint: string) => boolean
  /** Whether a request, a response or a question is under way on the link to a node. */
  readonly isBusy: (id: string) => boolean
  /** From 0 to 1. */
  readonly random: () => number
}

/** What happens to a member. Times are milliseconds on a clock that never goes back. */
export type Input =
  | { readonly type: 'tick' }
  /** News that wait leave now. */
  | { readonly type: 'flush' }
  /** There is a link to a node. `speaks`: the node reads frames of membership. `parts`: also those about the link itself. */
  | { readonly type: 'linked'; readonly node: Description; readonly speaks: boolean; readonly parts: boolean }
  /**
   * The link is closed. `gone`: the node has ended or can't be reached, or both have parted. Undefined: it is about to come back,
   * or it is another than its record says.
   */
  | { readonly type: 'unlinked'; readonly id: string; readonly gone: GoneReason | 'parted' | undefined }
  /** `size`: in bytes. `invalid`: how many records in it were skipped. */
  | {
      readonly type: 'message'
      readonly from: string
      readonly message: Message
      readonly size: number
      readonly invalid: number
    }
  /** A node has answered the question whether it is there. */
  | { readonly type: 'answered'; readonly id: string }
  /** A link that a call needs could not be made. */
  | { readonly type: 'unreached'; readonly id: string }
  /** What this node says about itself has changed. */
  | { readonly type: 'self'; readonly self: Description }
  /** Whether this node subscribes to events: only over links do they come. */
  | { readonly type: 'subscribes'; readonly subscribes: boolean }
  /** A service is called, so this node wants links to its instances. */
  | { readonly type: 'used'; readonly service: string }

/** Why a member ignored something that another told. Each is a counter in `stats().dropped`. */
export type MembershipDrop =
  /** It exceeds the quota of one member. */
  | 'membership-quota'
  /** A record with impossible values. */
  | 'membership-record'
  /** A record whose incarnation is too far ahead of the known one. */
  | 'membership-incarnation'
  /** A record for which there is no room. */
  | 'membership-full'
  /** An answer without a question. */
  | 'membership-unasked'
  /** False news about this node, or about a node that it has a link to. */
  | 'membership-refuted'

/** What a member has to do, in this order. */
export type Effect =
  | { readonly type: 'send'; readonly to: string; readonly message: Message }
  /** This node wants a link to a node. The record is a hint. */
  | { readonly type: 'greet'; readonly record: MemberRecord }
  /** Asks a node that there is a link to whether it is there. */
  | { readonly type: 'ask'; readonly id: string }
  | { readonly type: 'up'; readonly record: MemberRecord }
  /** `expired`: there was no sign of life for too long. */
  | { readonly type: 'down'; readonly record: MemberRecord; readonly reason: GoneReason | 'expired' }
  /** A service of a node without a link can be called, or its record is another now. */
  | { readonly type: 'show'; readonly record: MemberRecord }
  /** It can't any more. Also told of one that has a link by now. */
  | { readonly type: 'hide'; readonly id: string; readonly reason: GoneReason | 'expired' | 'left' }
  /** The other end of a link is asked whether it wants it. Nothing may be sent over it until `stays`, or until it is closed. */
  | { readonly type: 'parting'; readonly id: string }
  | { readonly type: 'stays'; readonly id: string }
  /** Neither end wants the link: close it when all else is sent. */
  | { readonly type: 'part'; readonly id: string }
  | { readonly type: 'drop'; readonly reason: MembershipDrop; readonly from: string }
