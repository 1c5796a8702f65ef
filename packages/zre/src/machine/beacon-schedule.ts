/** Milliseconds between the first beacons: one may be lost, and a newcomer should not have to wait a second for the next. */
const FIRST_INTERVALS = [50, 100, 200]
/** A node counts as new for as many intervals. */
export const NEW_INTERVALS = 10
/** As many beacons in an interval come from all nodes together: while they are new, */
const NEW_BEACONS = 100
/** and later, each on its own host or all on one: each of them wakes every node. */
const SETTLED_BEACONS = 2.5
/** More while nodes are missing: the network may be split. */
const MISSING_BEACONS = 10
/** Milliseconds for which a node is missed that has vanished without a word. */
export const MISSING_MS = 120_000
/** A node that is settled waits for as many intervals at least, */
const MIN_SETTLED_INTERVALS = 5
/** and at most: so long it may take until two parts of a network that was split find each other. */
const MAX_SETTLED_INTERVALS = 30

/** What decides when a node sends its next beacon. */
export interface BeaconPlan {
  /** Milliseconds between two beacons of a node that is new. */
  readonly interval: number
  /** Beacons that it has sent. */
  readonly sent: number
  /** It has just come, or come back, or a node that it hears is not met yet. */
  readonly isNew: boolean
  /** Peers that are present. */
  readonly peers: number
  /** Some have vanished without a word, or are out of reach. */
  readonly isMissing: boolean
  /** From 0 to 1, the node's own: so nodes that start together do not go on together. */
  readonly phase: number
}

/**
 * Milliseconds until the next beacon. Each one wakes all nodes, and tells news only while somebody does not know the sender:
 * those who hear a newcomer greet it, and need no beacons of their own for that.
 */
export function nextBeaconIn({ interval, sent, isNew, peers, isMissing, phase }: BeaconPlan): number {
  if (!isNew && peers > 0) return settledInterval(interval, peers, isMissing) * (0.9 + 0.2 * phase)
  return Math.max(FIRST_INTERVALS[sent - 1] ?? interval, (interval * peers) / NEW_BEACONS)
}

/** What a node waits between two beacons when it is new no more, without its phase. */
export function settledInterval(interval: number, peers: number, isMissing = false): number {
  const shared = peers / (isMissing ? MISSING_BEACONS : SETTLED_BEACONS)
  return interval * Math.min(MAX_SETTLED_INTERVALS, Math.max(MIN_SETTLED_INTERVALS, shared))
}

/** From the digits of an id. */
export function phaseOf(id: string): number {
  return Number.parseInt(id.slice(-4), 16) / 0x10000
}
