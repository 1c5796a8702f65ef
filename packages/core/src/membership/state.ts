import { keyOf } from './format.js'
import type { GoneReason } from './message.js'
import { createQuota, type Quota } from './quota.js'
import type { MemberRecord, RecordKey } from './record.js'
import type { Effect, MembershipConfig, MembershipDrop } from './types.js'

/** Milliseconds between two signs of life that a node gives to those who have no link to it. */
export const RENEWAL_MS = 20_000
/** Milliseconds without such a sign, after which a record is forgotten. */
export const EXPIRY_MS = 60_000
/** How long a node that is said to be gone has to be defended by somebody who holds a link to it. */
export const SUSPICION_MS = 1000
/** News wait so long for others, and leave together. */
export const NEWS_MS = 100
export const SWEEP_MS = 5000

export interface Entry {
  record: MemberRecord
  key: RecordKey
  /** There is a link to it: what others tell of it does not count. */
  linked: boolean
  /** Who told of it first; `''` for a node that there was a link to. */
  source: string
  /** When it was there for certain, as far as is known. */
  seenAt: number
  /** When a renewal of it was passed on, or made, last. */
  renewedAt: number
  /** A greeting of it was in vain: whoever else tells of it is believed as much. */
  isDoubtful: boolean
  greetings: number
}

/** A node that is said to be gone, and may still be defended. */
interface Suspect {
  readonly until: number
  readonly reason: GoneReason
}

/** A node that is gone: what is said of it later, and was said before, is not believed. */
interface Tombstone {
  readonly incarnation: number
  readonly key: RecordKey
  readonly reason: GoneReason
  readonly until: number
}

/** What there is between us and one node that there is a link to. */
export interface Link {
  readonly id: string
  /** It may be told of others. */
  speaks: boolean
  /** It has told something, so it is no older version that passes all of it over. */
  hasSpoken: boolean
  /** One of those that are told news because chance chose it. */
  isRandomContact: boolean
  /** Ids of what is to be told. True: unless the link's node is likely to hear their beacons itself. */
  readonly news: Map<string, boolean>
  /** It was told something. */
  wasTold: boolean
  /** When we asked last by a digest. */
  askedAt: number
  /** We await its list. */
  awaitsHave: boolean
  /** We await the records that we have asked for. */
  awaitsKnow: boolean
  /** It may say what it lacks. */
  mayWant: boolean
  /** When its digest was answered last. */
  answeredAt: number
  readonly quota: Quota
}

/** Everything a member knows. Changed by `step` alone. */
export interface MembershipState {
  readonly config: MembershipConfig
  readonly startedAt: number
  self: MemberRecord
  /** All nodes that are known, ourselves not among them. */
  readonly entries: Map<string, Entry>
  /** The exclusive or of all keys, ours among them. */
  digest: bigint
  linkedCount: number
  /** Records by who told of them first, without those that there is a link to. */
  readonly sources: Map<string, number>
  readonly suspects: Map<string, Suspect>
  readonly tombstones: Map<string, Tombstone>
  readonly links: Map<string, Link>
  contacts: readonly Link[] | undefined
  /** What we know was held against what another member knows: from now on what is new to us may be new to others. */
  isSynced: boolean
  selfRenewedAt: number
  /** Services that were called, and when last. */
  readonly used: Map<string, number>
  /** Nodes to greet, and when. */
  readonly greetings: Map<string, number>
  /** Nodes that chance chose, to be linked to. */
  readonly chosen: Set<string>
  /** Links that a digest is owed, and when. */
  readonly owedDigests: Map<string, number>
  /** Renewals to pass on. */
  readonly renewals: Set<string>
  flushAt: number
  /** When to see which links are wanted. */
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
    digest: keyOf(self),
    linkedCount: 0,
    sources: new Map(),
    suspects: new Map(),
    tombstones: new Map(),
    links: new Map(),
    contacts: undefined,
    isSynced: false,
    selfRenewedAt: now,
    used: new Map(),
    greetings: new Map(),
    chosen: new Set(),
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

export function createLink(id: string, speaks: boolean, maxRecords: number, now: number): Link {
  return {
    id,
    speaks,
    hasSpoken: false,
    isRandomContact: false,
    news: new Map(),
    wasTold: false,
    askedAt: Number.NEGATIVE_INFINITY,
    awaitsHave: false,
    awaitsKnow: false,
    mayWant: false,
    answeredAt: Number.NEGATIVE_INFINITY,
    quota: createQuota(maxRecords, now),
  }
}

export function drop(reason: MembershipDrop, from: string): Effect {
  return { type: 'drop', reason, from }
}

/** Adds a record, with the first sign of life of its node. */
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
    renewedAt: seenAt,
    isDoubtful: false,
    greetings: 0,
  }
  state.entries.set(record.id, entry)
  state.digest ^= entry.key
  state.tombstones.delete(record.id)
  countSource(state, source, 1)
  return entry
}

export function removeEntry(state: MembershipState, entry: Entry): void {
  const { id } = entry.record
  state.entries.delete(id)
  state.digest ^= entry.key
  state.suspects.delete(id)
  state.greetings.delete(id)
  state.chosen.delete(id)
  state.renewals.delete(id)
  if (entry.linked) state.linkedCount--
  countSource(state, entry.source, -1)
}

/** Another account of a node that is known. */
export function replaceRecord(state: MembershipState, entry: Entry, record: MemberRecord): void {
  state.digest ^= entry.key
  entry.record = record
  entry.key = keyOf(record)
  state.digest ^= entry.key
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
