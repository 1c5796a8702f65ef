import { type Contradictions, type Entry, noContradictions } from './entry.js'
import { keyOf } from './format.js'
import type { Link } from './link-state.js'
import type { GoneReason } from './message.js'
import type { MemberRecord, RecordKey } from './record.js'
import { Strangers } from './strangers.js'
import type { Effect, MembershipConfig, MembershipDrop } from './types.js'

/** Milliseconds between two signs of life of a node. They are for members without a link to it. */
export const RENEWAL_MS = 20_000
/** A record expires after so many milliseconds without a sign of life. */
export const EXPIRY_MS = 60_000
/** For so many milliseconds members with a link to a suspect can refute that it is gone. */
export const SUSPICION_MS = 1000
/** News wait so many milliseconds for further news, and leave together. */
export const NEWS_MS = 100
export const SWEEP_MS = 5000

/** A node that is said to be gone. Until then it can be refuted. */
interface Suspect {
  readonly until: number
  readonly reason: GoneReason
}

/** A node that is gone. Records with this incarnation or a lower one do not bring it back. */
interface Tombstone {
  readonly incarnation: number
  readonly key: RecordKey
  readonly reason: GoneReason
  readonly until: number
}

/** Everything a member knows. Changed by `step` alone. */
export interface MembershipState {
  readonly config: MembershipConfig
  readonly startedAt: number
  self: MemberRecord
  /** All known nodes except this one. */
  readonly entries: Map<string, Entry>
  /** The ids of those that tell others of nodes, in order. */
  readonly ring: string[]
  /** There are too many nodes for a link to each: see `linksToAll`. */
  isSparse: boolean
  /** Records without a link that were shown: see `showTouched`. */
  readonly shown: Map<string, MemberRecord>
  /** Nodes of which something has changed that decides whether they are shown. */
  readonly touched: Set<string>
  readonly strangers: Strangers
  /** When the next of them may be greeted because nobody tells of it. */
  nextStrangerAt: number
  /** When this member was last told of a node that is new to it, or met one. */
  learnedAt: number
  /** The XOR of the keys of all records, that of this node included. */
  digest: bigint
  linkedCount: number
  /** How many of the entries are proven. */
  provenCount: number
  /** How many records each member told about first. */
  readonly sources: Map<string, number>
  readonly suspects: Map<string, Suspect>
  readonly tombstones: Map<string, Tombstone>
  readonly links: Map<string, Link>
  contacts: readonly Link[] | undefined
  /** This member has compared its records with another. From now on, what is new to it may be new to others. */
  isSynced: boolean
  selfRenewedAt: number
  /** Of what others say about this node. */
  readonly contradictions: Contradictions
  /** Services that were called, and when they were called last. */
  readonly used: Map<string, number>
  /** This node subscribes to events. */
  subscribes: boolean
  /** Nodes to greet, and when. */
  readonly greetings: Map<string, number>
  /** Nodes chosen at random to keep a link to. */
  readonly chosen: Set<string>
  /** How many nodes were known then. */
  chosenAmong: number
  /** Links to send a digest to, and when. */
  readonly owedDigests: Map<string, number>
  /** Ids of the signs of life to send. */
  readonly renewals: Set<string>
  flushAt: number
  /** When to review which links are wanted. */
  reviewAt: number
  greetAt: number
  digestAt: number
  renewAt: number
  sweepAt: number
  syncAt: number
  syncPause: number
}

export const FIRST_SYNC_PAUSE_MS = 1000

export function createState(config: MembershipConfig, now: number): MembershipState {
  const self = { ...config.self, incarnation: 1 }
  return {
    config,
    startedAt: now,
    self,
    entries: new Map(),
    ring: [],
    isSparse: config.links === 'used' && !config.self.unreachable,
    shown: new Map(),
    touched: new Set(),
    strangers: new Strangers(),
    nextStrangerAt: now,
    learnedAt: now,
    digest: keyOf(self),
    linkedCount: 0,
    provenCount: 0,
    sources: new Map(),
    suspects: new Map(),
    tombstones: new Map(),
    links: new Map(),
    contacts: undefined,
    isSynced: false,
    selfRenewedAt: now,
    contradictions: noContradictions(),
    used: new Map(),
    subscribes: false,
    greetings: new Map(),
    chosen: new Set(),
    chosenAmong: 0,
    owedDigests: new Map(),
    renewals: new Set(),
    flushAt: Number.POSITIVE_INFINITY,
    reviewAt: Number.POSITIVE_INFINITY,
    greetAt: Number.POSITIVE_INFINITY,
    digestAt: Number.POSITIVE_INFINITY,
    renewAt: Number.POSITIVE_INFINITY,
    sweepAt: now + SWEEP_MS,
    syncAt: now + FIRST_SYNC_PAUSE_MS,
    syncPause: FIRST_SYNC_PAUSE_MS,
  }
}

export function drop(reason: MembershipDrop, from: string): Effect {
  return { type: 'drop', reason, from }
}
