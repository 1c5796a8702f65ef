import type { ExitReason, Reach } from '@sleuth/zre'

/** Labels of an instance, by name. */
export type Labels = Readonly<Record<string, string>>

/** One process, or one app in a process, that offers a service. */
export interface Instance {
  readonly id: string
  readonly name: string
  readonly version: string
  /** `tcp://ip:port` */
  readonly endpoint: string
  /** The version of sleuth's wire that the two nodes speak. */
  readonly wire: number
  /** The labels that it announces: its option `meta`. */
  readonly meta: Labels
  /** False while its option `ready` says that it wants no calls: then calls go to others, as long as one is ready. */
  readonly ready: boolean
}

export interface Service {
  readonly service: string
  readonly instances: readonly Instance[]
}

/**
 * The state of a node for us. `connecting`: it was heard, and is not met yet. `unreachable`: it is heard by UDP, and no TCP
 * connection to it can be made. `unanswered`: we are connected to it, and it makes no connection to us. `refused`: it does not let
 * our key in. `connected`: it is met, and calls to its service go there. `idle`: others have told of it, and there is no connection
 * to it, since none was needed so far.
 */
export type PeerState = Reach | 'idle'

/** A node that was heard of, with or without a service. */
export interface PeerInfo {
  readonly id: string
  /** A name for people, as in `Instance`. Undefined until it has greeted us. */
  readonly name: string | undefined
  /** The service that it offers in our group. Undefined if it offers none, and until it has greeted us. */
  readonly service: string | undefined
  /** Its endpoint, `tcp://ip:port`, as it was heard. */
  readonly endpoint: string
  readonly state: PeerState
  /** When it entered this state: milliseconds since 1970, as `Date.now()`. */
  readonly since: number
}

/** `left`: it left the group, and finishes its requests in flight. `closed`: we closed. `ExitReason` has the others. */
export type DownReason = 'left' | 'closed' | Exclude<ExitReason, 'parted'>

export interface UpEvent {
  readonly service: string
  readonly instance: Instance
}

export interface DownEvent extends UpEvent {
  readonly reason: DownReason
}
