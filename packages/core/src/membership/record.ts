/** What the members of a network tell each other about a node. */
export interface MemberRecord {
  /** UUID, 32 uppercase hex digits. */
  readonly id: string
  /** A record with a higher incarnation replaces one with a lower. It also refutes that the node is gone. */
  readonly incarnation: number
  /** `tcp://ip:port` */
  readonly endpoint: string
  /** A node of another library, or one that speaks wire 1 only. Members with a link to it tell others about it. */
  readonly foreign: boolean
  /** Others can't connect to it, so they do not try: it connects to them. */
  readonly unreachable: boolean
  /** The newest wire that it speaks. */
  readonly wire: number
  /** `''` for a node that only calls. */
  readonly service: string
  readonly version: string
  /** A name for people. */
  readonly name: string
  /** Z85; `''` without encryption. */
  readonly publicKey: string
  /** Its labels, as they travel: see `metaText`. */
  readonly meta: string
}

/** A record without its incarnation: what a node says about itself in HELLO. */
export type Description = Omit<MemberRecord, 'incarnation'>

/** How many incarnations a record may be ahead of the known one. */
export const MAX_AHEAD = 1000

/** The highest incarnation: it travels in 4 bytes. */
export const MAX_INCARNATION = 0xffff_ffff

/** The incarnation that replaces another. A liar may have used up all of them: then they begin anew. */
export function nextIncarnation(incarnation: number): number {
  return incarnation >= MAX_INCARNATION ? 1 : incarnation + 1
}

/** Names a record in a few bytes: see `keyOf`. */
export type RecordKey = bigint

/** Whether two records say the same about a node. */
export function describesSame(one: Description, other: Description): boolean {
  return (
    one.endpoint === other.endpoint &&
    one.foreign === other.foreign &&
    one.unreachable === other.unreachable &&
    one.wire === other.wire &&
    one.service === other.service &&
    one.version === other.version &&
    one.name === other.name &&
    one.publicKey === other.publicKey &&
    one.meta === other.meta
  )
}

/** Whether a node tells others of nodes, and others can connect to it. */
export function isOnRing({ foreign, wire, unreachable }: Description): boolean {
  return !foreign && wire > 1 && !unreachable
}
