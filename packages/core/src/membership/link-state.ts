import { createQuota, type Quota } from './quota.js'

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
