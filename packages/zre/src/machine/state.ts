import type { ExitReason } from '../types.js'
import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import type { Outgoing } from '../wire/message.js'
import { NEW_INTERVALS } from './beacon-schedule.js'
import type { PeerState } from './peer.js'
import { takeSequence } from './sequence.js'
import type { DropReason, Effect, MachineConfig, PlaceClaim, ReturnClaim } from './types.js'

/** A node that is to be greeted. */
export interface Newcomer {
  readonly claim: PlaceClaim
  readonly at: number
  /** By a beacon, and not by other means. */
  readonly isHeard: boolean
}

/** Everything a node knows. Changed by `step` alone. */
/** `newer`: the last connection that the node has made since. */
type AwaitedReturn = ReturnClaim & { readonly until: number; newer: ReturnClaim | undefined }

export interface NodeState {
  readonly config: MachineConfig
  endpoint: string
  readonly groups: Set<string>
  /** How often our own group list has changed, mod 256. */
  status: number
  readonly peers: Map<NodeId, PeerState>
  beaconsSent: number
  nextBeaconAt: number
  nextSweepAt: number
  /** What had come by then has been read. What came later may wait in our inbox, while we are busy. */
  readAt: number
  /** It is asked when what has come is read. */
  isReading: boolean
  /** When to look whether those have stopped who are said to. */
  nextCheckAt: number
  /**
   * Nodes that can be answered on their connections: while seeds are looked up for their addresses, or until it shows whether the
   * connections from before still lead to them.
   */
  readonly awaited: Map<NodeId, AwaitedReturn>
  /** When to look whether those can be reached who could be answered on their connections. */
  nextReturnAt: number
  /** Until when the node counts as new: see `nextBeaconIn`. */
  newUntil: number
  /** Until when nodes are missed that have vanished without a word, or are out of reach. */
  missingUntil: number
  /** Those to whom the link is in use, and when to look at them. */
  readonly watched: Set<PeerState>
  nextWatchAt: number
  /** Nodes that are greeted when it is our turn: see `greetInTurn`. */
  readonly newcomers: Map<string, Newcomer>
  nextGreetingAt: number
  /** Milliseconds that a handshake takes, on average: see `mayBegin`. */
  handshakeMs: number
  /** Claims of places that are being checked: see `contest`. */
  readonly claims: Map<string, PlaceClaim>
  /** Where peers were that were lost: they may not know of it, and speak to us. The one that was forgotten last is at the end. */
  readonly forgotten: Map<NodeId, PlaceClaim>
  /** How many were greeted in vain at an address, and when that is forgiven: see `quota`. */
  readonly failures: Map<string, number>
  decayAt: number
}

export function createState(config: MachineConfig, now: number): NodeState {
  return {
    config,
    endpoint: config.endpoint,
    groups: new Set(config.groups),
    status: new Set(config.groups).size & 0xff,
    peers: new Map(),
    beaconsSent: 0,
    nextBeaconAt: now,
    nextSweepAt: now,
    readAt: now,
    isReading: false,
    nextCheckAt: Number.POSITIVE_INFINITY,
    awaited: new Map(),
    nextReturnAt: Number.POSITIVE_INFINITY,
    newUntil: now + NEW_INTERVALS * config.interval,
    missingUntil: Number.NEGATIVE_INFINITY,
    watched: new Set(),
    nextWatchAt: Number.POSITIVE_INFINITY,
    newcomers: new Map(),
    nextGreetingAt: Number.POSITIVE_INFINITY,
    handshakeMs: config.interval,
    claims: new Map(),
    forgotten: new Map(),
    failures: new Map(),
    decayAt: now,
  }
}

/** Numbers a message and sends it. */
export function send(peer: PeerState, message: Outgoing): Effect {
  return { type: 'send', id: peer.id, message, sequence: takeSequence(peer) }
}

export function drop(reason: DropReason, from?: string): Effect {
  return from === undefined ? { type: 'drop', reason } : { type: 'drop', reason, from }
}

/** The endpoint, if it may be connected to: it parses, is of our network, and is not our own. */
export function usableEndpoint(state: NodeState, endpoint: string): string | undefined {
  const parsed = parseEndpoint(endpoint)
  if (parsed === undefined || !state.config.isOnNetwork(parsed.address)) return undefined
  return endpoint === state.endpoint ? undefined : endpoint
}

/** A HELLO names an endpoint that may not be connected to: what is told of it, beside the drop. */
export function turnAway(state: NodeState, { id, endpoint, key }: PlaceClaim): Effect[] {
  const dropped = drop('hello-endpoint', id)
  const address = parseEndpoint(endpoint)?.address
  if (address === undefined || state.config.isOnNetwork(address)) return [dropped]
  return [dropped, { type: 'stranger', id, endpoint, key }]
}

/** After these a peer may still hold us present, and speak. */
const mayComeBack: ReadonlySet<ExitReason> = new Set(['expired', 'lost', 'parted'])

/** A peer is gone. `flush`: what waits to be sent to it still goes out. */
export function forget(state: NodeState, peer: PeerState, reason: ExitReason, flush = false): Effect[] {
  state.peers.delete(peer.id)
  if (!peer.returning && peer.spokeAt !== undefined && mayComeBack.has(reason)) remember(state, peer)
  unwatch(state, peer)
  const effects: Effect[] = []
  if (peer.view !== undefined) effects.push({ type: 'exit', peer: peer.view, reason })
  peer.view = undefined
  effects.push({ type: 'close', id: peer.id, flush })
  return effects
}

/**
 * What is known of a link is known of one connection, over which a peer is present. A probe that began before says nothing of
 * the next one.
 */
export function unwatch(state: NodeState, peer: PeerState): void {
  state.watched.delete(peer)
  peer.watch = undefined
}

/** Of an alias nobody knows whose it is by now. */
function remember({ forgotten, config }: NodeState, { id, endpoint, key, alias }: PeerState): void {
  if (alias) return
  forgotten.delete(id)
  forgotten.set(id, { id, endpoint, key })
  if (forgotten.size <= config.maxPeers) return
  const [oldest] = forgotten.keys()
  forgotten.delete(oldest as NodeId)
}
