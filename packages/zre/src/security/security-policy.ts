import type { PeerState } from '../machine/peer.js'
import type { Input } from '../machine/types.js'
import type { Beacon } from '../wire/beacon.js'
import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import type { IncomingHello, Outgoing } from '../wire/message.js'
import { isSamePath, type ReturnPath } from '../wire/return-path.js'
import type { PeerToken } from './peer-tokens.js'
import type { RejectionLog } from './rejection-log.js'

/** The HELLO header that carries the public key (zyre). */
export const KEY_HEADER = 'X-PUBLICKEY'

/** Where a HELLO says that its sender is, if that is an endpoint, and else who it says that it is. */
export function placeOf(from: NodeId, { endpoint }: IncomingHello): string {
  return parseEndpoint(endpoint) === undefined ? from : endpoint
}

export interface SecurityPolicyOptions {
  readonly id: NodeId
  /** A beacon with our own id: beacons come back to who sends them. */
  onOwnBeacon(port: number, address: string): void
  readonly rejections: RejectionLog
  /** Those whom the machine knows now. */
  peers(): ReadonlyMap<NodeId, PeerState>
  /** Gives the machine what is let through. */
  step(input: Input): void
}

/** A node that a discovery has found. `alias`: see the input `found`. */
export interface FoundPeer {
  readonly id: NodeId
  readonly endpoint: string
  readonly key: PublicKey | undefined
  readonly alias?: boolean
  /** See `PlaceClaim`. */
  readonly ours?: boolean
  /** Somebody waits for it. */
  readonly urgent?: boolean
}

/** Which way a HELLO came: see the input `message`. */
export interface HelloWay {
  readonly back?: ReturnPath | undefined
  readonly answered?: boolean
}

/** The place of a peer that is answered on the connection that it made: whoever made that reads there, and nobody else. */
export function returnPlace(peer: PeerState | undefined): string | undefined {
  return peer?.returning ? `return ${peer.back?.routingId.toString('hex')}` : undefined
}

/** We answer a peer on its connection, and its HELLO comes another way: it says nothing of who made that connection. */
export function isElsewhere(peer: PeerState | undefined, { back }: HelloWay): boolean {
  return peer?.returning === true && !isSamePath(peer.back, back)
}

/**
 * Between the sockets and the machine: what comes from the network gets no further without it, and what leaves gets its form
 * here. One is for networks that are open, the other for those that are closed: they never talk to each other.
 */
export interface SecurityPolicy {
  /** To be called before a socket is bound. */
  open(): Promise<void>
  close(): void
  /** The headers of a node, with what the network wants beside them. */
  headers(own: ReadonlyMap<string, string>): ReadonlyMap<string, string>
  encodeBeacon(beacon: Beacon): Buffer
  encodeMessage(to: NodeId, message: Outgoing, sequence: number): Buffer[]
  /** What a peer and we have given each other, once we have said HELLO to it. */
  tokenOf(id: NodeId): PeerToken | undefined
  /** Sets the first frame of a whisper, its head, and adds the proof. Gives how many bytes it added. */
  sealWhisper(frames: Buffer[], sequence: number, token: PeerToken | undefined): number
  /** Whether a whisper is its sender's. Takes the proof off if it is a frame of its own; changes nothing when it gives false. */
  openWhisper(frames: Buffer[], token: PeerToken | undefined): boolean
  onBeacon(bytes: Buffer, address: string): void
  onFound(node: FoundPeer): void
  onHello(from: NodeId, hello: IncomingHello, way: HelloWay): void
  /** Whether a message is its sender's. Takes off it what proves that. */
  verify(from: NodeId, frames: Buffer[]): boolean
}
