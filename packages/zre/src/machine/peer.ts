import { ZreError } from '../error.js'
import type { ConnectedPeer, Content, Reach } from '../types.js'
import { parseEndpoint } from '../wire/endpoint.js'
import { isMarked, type NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import type { Following, Hello } from '../wire/message.js'
import type { ReturnPath } from '../wire/return-path.js'

/** HELLO is number 1 (RFC 36, "Protocol Sequencing"). Numbers wrap at 65536. */
export const FIRST_SEQUENCE = 1

/**
 * A peer is greeted when we have said HELLO to it. It is present when it has said HELLO to us and our connection to it has
 * shaken hands: either one alone does not show that what we send arrives.
 */
export interface PeerState {
  readonly id: NodeId
  /** It is of this library, as its id says. */
  readonly isMarked: boolean
  /** Only the holder of this key can read what its mailbox sends. Undefined without encryption. */
  readonly key: PublicKey | undefined
  /** It has shown that it holds the key, or without encryption that it is at `endpoint`. */
  proven: boolean
  /** Where its mailbox is connected to. */
  endpoint: string
  /**
   * The endpoint is a name for the peer that may become another's: a virtual address, a forwarded port. So no connection is
   * made there again without asking who is there.
   */
  alias: boolean
  /** It is of this library, as others say, and may answer on our connection to it. */
  ours: boolean
  /** Our connection to it asks for its answers, in case it can't reach us. */
  asks: boolean
  /** Its last HELLO came by our own connection to it. */
  answered: boolean
  /** The connection of its own on which it can be answered, if it asks for that. */
  back: ReturnPath | undefined
  /** When it first asked for that, while it is tried to reach it. */
  backAskedAt: number | undefined
  /** Its mailbox is `back`. */
  returning: boolean
  /** The number of the last message that we sent. */
  sent: number
  /** The number of the next message that we expect. */
  expectedSequence: number
  /** How often its group list has changed, as it last told. */
  status: number
  greetedAt: number
  /** How often we have said HELLO to it by ourselves, less the HELLOs that it has said since. */
  unanswered: number
  /** When we last said HELLO to it while we held it present: an answer to that needs none. */
  answeredAt: number
  /** When it last had us connect to another endpoint. */
  movedAt: number
  /** Where it says it is now, while our connection to where it was lives: followed when that breaks. */
  claimedEndpoint: string | undefined
  /** It speaks to us and has not greeted us since we greeted it: it believes that it has. */
  needsHello: boolean
  /** When it was last heard of, by a message or a beacon, less the time for which our own process stood still. */
  heardAt: number
  /** When its last message came. */
  spokeAt: number | undefined
  /** When it last showed that what we send arrives: by a PING-OK, or a handshake. Whatever else it says comes by a connection of its own. */
  reachedAt: number
  evasive: boolean
  /** Its beacons come in. */
  isHeard: boolean
  /** The mailbox that is open has shaken hands: the peer's host and process are there, however busy its event loop. */
  connected: boolean
  /** When it did. */
  connectedAt: number
  /** When the mailbox before was given up that had shaken hands. */
  disconnectedAt: number
  /** It does not let us in, and its mailbox is of no more use: libzmq does not try again. */
  denied: boolean
  /** Why it is not present, if that is known. */
  trouble: Exclude<Reach, 'connecting' | 'connected'> | undefined
  /** When it became present, or ceased to be; or its trouble was found. Less the time for which our own process stood still. */
  since: number
  /** While the link to it is in use: see `use`. */
  watch: Watch | undefined
  /** Somebody says that it is gone: see `suspect`. */
  suspicion: Suspicion | undefined
  /** What it said in HELLO, once it is present. Only while `connected`. Then `greeting` and `lost` are undefined. */
  view: PeerView | undefined
  /** What it said in HELLO, while our connection to it has not shaken hands. */
  greeting: PeerView | undefined
  /** What it has said since then, in its order: see `hold`. */
  held: Held
  /** What it said in HELLO before its connection was lost, as long as nothing that it said since is missing. */
  lost: PeerView | undefined
  /** Sends to the peer. Set by the owner of the sockets; the machine does not use it. */
  outlet: Outlet | undefined
}

/** Numbers messages for one peer and sends them. */
export interface Outlet {
  /** Throws a `ZreError` when the queue is full or the node is closed. */
  send(content: Content): void
}

export interface Suspicion {
  /** Why it is gone, if it is. */
  readonly reason: 'stopped' | 'replaced'
  /** How often we have looked. */
  checks: number
  /** It has answered a PING since. */
  answered: boolean
}

/**
 * What is known of a link in use. That a peer is not reached means something: somebody waits for an answer. What it says by
 * itself tells nothing of that, since it comes by a connection of its own. PING asks the peer's event loop;
 * if no answer comes, a probe asks its I/O thread over a new connection, which answers however busy the loop is. A process that
 * is stopped, or whose host has vanished, answers neither.
 */
export interface Watch {
  /** When a whisper last came or went. */
  usedAt: number
  /** One did since the last look. */
  used: boolean
  /** No time before this counts for which the peer was not reached. */
  since: number
  asked: boolean
  /** When it was first asked of all the times since which it has not answered, though it answers probes. */
  mutedAt: number | undefined
  /** When the probe that is under way began. */
  probedAt: number | undefined
  failures: number
  /** It says that it is elsewhere. What comes on its own connection says nothing of ours, so that a probe has to. */
  moved: boolean
}

/** Messages that wait, and their size: see `hold`. */
export interface Held {
  readonly messages: Following[]
  bytes: number
}

export function nothingHeld(): Held {
  return { messages: [], bytes: 0 }
}

/** What a peer tells of itself. */
type Described = Pick<Hello, 'name' | 'headers'> & {
  readonly groups: Iterable<string>
  readonly announced: string
}

/** What the world sees of a peer while it is present. The endpoint is the one that the mailbox is connected to. */
export class PeerView implements ConnectedPeer {
  readonly id: NodeId
  readonly name: string
  readonly endpoint: string
  readonly announced: string
  readonly address: string
  readonly headers: ReadonlyMap<string, string>
  readonly groups: Set<string>
  readonly verified: boolean
  readonly connections: 'both' | 'ours' | 'theirs'
  declare readonly publicKey?: string
  readonly #peer: PeerState

  constructor(peer: PeerState, { name, headers, groups, announced }: Described) {
    this.id = peer.id
    this.name = name
    this.endpoint = peer.endpoint
    this.announced = announced
    this.address = parseEndpoint(peer.endpoint)?.address ?? ''
    this.headers = headers
    this.groups = new Set(groups)
    this.verified = peer.proven && !peer.returning
    this.connections = peer.returning ? 'theirs' : peer.answered ? 'ours' : 'both'
    if (peer.proven && peer.key !== undefined) this.publicKey = peer.key
    this.#peer = peer
  }

  send(content: Content): void {
    const { view, outlet } = this.#peer
    if (view !== this || outlet === undefined) {
      throw new ZreError('ZRE_UNKNOWN_PEER', `no peer ${this.id} is present`)
    }
    outlet.send(content)
  }
}

export function newPeer(id: NodeId, key: PublicKey | undefined, endpoint: string, now: number): PeerState {
  return {
    id,
    isMarked: isMarked(id),
    key,
    proven: false,
    endpoint,
    alias: false,
    ours: false,
    asks: false,
    answered: false,
    back: undefined,
    backAskedAt: undefined,
    returning: false,
    sent: 0,
    expectedSequence: FIRST_SEQUENCE,
    status: 0,
    greetedAt: now,
    unanswered: 0,
    answeredAt: Number.NEGATIVE_INFINITY,
    movedAt: Number.NEGATIVE_INFINITY,
    claimedEndpoint: undefined,
    needsHello: false,
    heardAt: now,
    spokeAt: undefined,
    reachedAt: Number.NEGATIVE_INFINITY,
    evasive: false,
    isHeard: false,
    connected: false,
    connectedAt: now,
    disconnectedAt: Number.NEGATIVE_INFINITY,
    denied: false,
    trouble: undefined,
    since: now,
    watch: undefined,
    suspicion: undefined,
    view: undefined,
    greeting: undefined,
    held: nothingHeld(),
    lost: undefined,
    outlet: undefined,
  }
}

export function nextSequence(sequence: number): number {
  return (sequence + 1) & 0xffff
}

/** Where a number stands relative to the one expected, across the wrap. */
export function compareSequence(
  sequence: number,
  expectedSequence: number,
): 'expected' | 'duplicate' | 'gap' {
  if (sequence === expectedSequence) return 'expected'
  return ((sequence - expectedSequence) & 0xffff) < 0x8000 ? 'gap' : 'duplicate'
}

export function touch(peer: PeerState, now: number): void {
  peer.heardAt = now
  peer.evasive = false
}

/** A message came that is in its turn. */
export function spoke(peer: PeerState, now: number): void {
  touch(peer, now)
  peer.spokeAt = now
}
