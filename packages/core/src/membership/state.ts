import { keyOf } from './format.js'
import type { GoneReason } from './message.js'
import { createQuota, type Quota } from './quota.js'
import { isOnRing, type MemberRecord, type RecordKey } from './record.js'
import { addToRing, removeFromRing } from './ring.js'
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

/** Who says that a node is gone, and with which incarnation. */
interface Accusation {
  readonly by: string
  readonly incarnation: number
}

/** How often this member has told others lately that what they say about a node is false, and when last. */
export interface Contradictions {
  count: number
  at: number
}

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

/** A link to one node, and what was said over it. */
export interface Link {
  readonly id: string
  /** It may be told of others. */
  speaks: boolean
  /** It has sent a frame of membership, so it is not an older version that skips them. */
  hasSpoken: boolean
  /** It understands questions about the link, and a new link can be made at any time. */
  readonly parts: boolean
  readonly since: number
  /** This member has asked whether it wants the link, and has no answer. */
  isParting: boolean
  partAskedAt: number
  /** It wants the link, and asks when it does not any more. */
  isHeldByOther: boolean
  /** It was chosen at random as a contact. */
  isRandomContact: boolean
  /** Ids of the news for it. True: skip the news if it is likely to hear the beacons of that node itself. */
  readonly news: Map<string, boolean>
  /** This member has sent it a frame of membership. */
  wasTold: boolean
  /** When this member last sent it a digest. */
  askedAt: number
  /** It owes a list of keys. */
  awaitsHave: boolean
  /** It owes records. */
  awaitsKnow: boolean
  /** It got a list of keys, and may ask for records. */
  mayWant: boolean
  /** The XOR of all keys that only one of both had, when they were compared last. */
  difference: bigint
  /** When this member last answered its digest. */
  answeredAt: number
  readonly quota: Quota
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

export function createLink(
  id: string,
  { speaks, parts }: Pick<Link, 'speaks' | 'parts'>,
  maxRecords: number,
  now: number,
): Link {
  return {
    id,
    speaks,
    parts,
    since: now,
    isParting: false,
    partAskedAt: now,
    isHeldByOther: false,
    hasSpoken: false,
    isRandomContact: false,
    news: new Map(),
    wasTold: false,
    askedAt: Number.NEGATIVE_INFINITY,
    awaitsHave: false,
    awaitsKnow: false,
    mayWant: false,
    difference: 0n,
    answeredAt: Number.NEGATIVE_INFINITY,
    quota: createQuota(maxRecords, now),
  }
}

function noContradictions(): Contradictions {
  return { count: 0, at: Number.NEGATIVE_INFINITY }
}

export function drop(reason: MembershipDrop, from: string): Effect {
  return { type: 'drop', reason, from }
}

/** Adds a record. `seenAt`: when its node was certainly alive. */
export function addEntry(
  state: MembershipState,
  record: MemberRecord,
  source: string,
  seenAt: number,
): Entry {
  const entry: Entry = {
    record,
    key: keyOf(record),
    linked: false,
    source,
    seenAt,
    since: seenAt,
    renewedAt: seenAt,
    isProven: false,
    isDoubtful: false,
    greetings: 0,
    accusation: undefined,
    contradictions: noContradictions(),
  }
  state.entries.set(record.id, entry)
  if (state.strangers.heardAt.has(record.id)) prove(state, entry)
  state.touched.add(record.id)
  if (isOnRing(record)) addToRing(state.ring, record.id)
  state.digest ^= entry.key
  state.tombstones.delete(record.id)
  state.strangers.delete(record.id)
  countSource(state, source, 1)
  return entry
}

/** There is a link to a node, or its beacon comes in. */
export function prove(state: MembershipState, entry: Entry): void {
  if (!entry.isProven) state.provenCount++
  entry.isProven = true
}

/** Removes a node that there is no link to. */
export function removeEntry(state: MembershipState, entry: Entry): void {
  const { id } = entry.record
  state.entries.delete(id)
  if (entry.isProven) state.provenCount--
  state.touched.add(id)
  removeFromRing(state.ring, id)
  state.digest ^= entry.key
  state.suspects.delete(id)
  state.greetings.delete(id)
  state.chosen.delete(id)
  state.renewals.delete(id)
  countSource(state, entry.source, -1)
}

/** Replaces the record of a known node. */
export function replaceRecord(state: MembershipState, entry: Entry, record: MemberRecord): void {
  state.digest ^= entry.key
  entry.record = record
  entry.key = keyOf(record)
  state.digest ^= entry.key
  state.touched.add(record.id)
  if (isOnRing(record)) addToRing(state.ring, record.id)
  else removeFromRing(state.ring, record.id)
}

export function replaceSelf(state: MembershipState, self: MemberRecord): void {
  state.digest ^= keyOf(state.self) ^ keyOf(self)
  state.self = self
}

export function setSource(state: MembershipState, entry: Entry, source: string): void {
  countSource(state, entry.source, -1)
  entry.source = source
  countSource(state, source, 1)
}

function countSource(state: MembershipState, source: string, change: 1 | -1): void {
  if (source === '') return
  const count = (state.sources.get(source) ?? 0) + change
  if (count === 0) state.sources.delete(source)
  else state.sources.set(source, count)
}
