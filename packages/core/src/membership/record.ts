/** What a node is, as the members of a network tell each other. */
export interface MemberRecord {
  /** UUID, 32 uppercase hex digits. */
  readonly id: string
  /** Which account of the node this is: a higher one replaces a lower one, and refutes that the node is gone. */
  readonly incarnation: number
  /** `tcp://ip:port` */
  readonly endpoint: string
  /** A node of another library, or of wire 1 alone. It tells nothing itself: those who hold a link to it tell of it. */
  readonly foreign: boolean
  /** The newest wire that it speaks. */
  readonly wire: number
  /** `''` for a node that only calls. */
  readonly service: string
  readonly version: string
  /** A name for people. */
  readonly name: string
  /** Z85; `''` without encryption. */
  readonly publicKey: string
}

/** A record without its incarnation: what a HELLO says of its sender. */
export type Description = Omit<MemberRecord, 'incarnation'>

/** A record that is told may be so many incarnations ahead of what is known. */
export const MAX_AHEAD = 1000

/** Names a record in a few bytes: see `keyOf`. */
export type RecordKey = bigint

/** Whether two records say the same of their node. */
export function describesSame(one: Description, other: Description): boolean {
  return (
    one.endpoint === other.endpoint &&
    one.foreign === other.foreign &&
    one.wire === other.wire &&
    one.service === other.service &&
    one.version === other.version &&
    one.name === other.name &&
    one.publicKey === other.publicKey
  )
}
