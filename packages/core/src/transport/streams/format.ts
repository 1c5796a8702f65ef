import type { ResetReason } from '../transport.js'

/**
 * Sleuth's second wire: packets of frames, each packet the content of one whisper. `docs/protocol.md` has it in full.
 *
 *   packet: 02 · frame…
 *   frame:  kind (1) · stream (4) · length (4) · payload
 *
 * Numbers are big-endian. A stream is one call: its number is chosen by the caller, and counts for one direction of asking
 * only, so that each frame says by its kind who speaks.
 */
export const PACKET = 0x02

export const FRAME_HEAD_BYTES = 9

/** Who speaks is in the kind: the caller's are odd, the service's even. */
export const Kind = {
  request: 0x01,
  response: 0x02,
  callerData: 0x03,
  serviceData: 0x04,
  callerReset: 0x05,
  serviceReset: 0x06,
  callerCredit: 0x07,
  serviceCredit: 0x08,
} as const

/**
 * Frames that concern no stream, but the connection between two nodes. `connect` and `offer` go by ZeroMQ, `ping` and `pong`
 * by the connection itself: `docs/protocol.md` has them under "Direct connections". Earlier versions pass them over.
 */
export const ControlKind = {
  connect: 0x09,
  offer: 0x0a,
  ping: 0x0b,
  pong: 0x0c,
  /** By ZeroMQ: whether the sender wants calls. */
  ready: 0x0f,
} as const

/** Kinds of frames by which nodes ask each other how they are. They concern no stream: `introspection/` reads their payloads. */
const FIRST_INSPECT = 0x0d
const LAST_INSPECT = 0x0e

export function isInspect(kind: number): boolean {
  return kind === FIRST_INSPECT || kind === LAST_INSPECT
}

/** Kinds of frames with which members tell each other of members. They concern no stream: `membership/` reads their payloads. */
const FIRST_MEMBERSHIP = 0x10
const LAST_MEMBERSHIP = 0x1f

export function isMembership(kind: number): boolean {
  return kind >= FIRST_MEMBERSHIP && kind <= LAST_MEMBERSHIP
}

/** Kinds of frames that carry events. They concern no stream: `events/` reads their payloads. */
const TOPICS = 0x20
const EVENT = 0x21

export function isEvent(kind: number): boolean {
  return isTopics(kind) || kind === EVENT
}

/** What a node subscribes to. */
export function isTopics(kind: number): boolean {
  return kind === TOPICS
}

/** Set in the kind of a speaker's last frame with a body: no more follows. */
export const END = 0x80

/** The most bytes of a head: all of a request or a response frame but its body. */
export const MAX_HEAD = 65_535

/** A packet is taken up to this size. Those written here are far smaller. */
export const MAX_PACKET = 4 * 1024 * 1024

/**
 * A packet is taken up to so many frames. Those written here have fewer: a packet of frames without a payload leaves when it
 * has some hundred, and one that tells of streams that are over has at most `MAX_RESETS`.
 */
export const MAX_FRAMES = 16_384
export const MAX_RESETS = 8192

/** A frame on a direct connection is taken up to this size. Those written here are far smaller. */
export const MAX_FRAME = 1024 * 1024

/** Why a stream was reset: what travels, and what it means. */
export const ResetCode = {
  /**
   * By a caller: it aborted, ran out of time, or stopped reading. By a service, after its response: nobody reads the rest of
   * the request.
   */
  cancelled: 1,
  /** The handler destroyed its request or its response. */
  destroyed: 2,
  /** The handler threw after the head of its response had gone. */
  failed: 3,
  /** The handler did not answer in time. */
  timeout: 4,
  /** This node closes. */
  closed: 5,
  /** The other side broke the rules: more than its credit, or a frame that does not fit. */
  protocol: 6,
  /** A part of it could not be sent. */
  lost: 7,
  /** By a service: it leaves. No handler was given the request. */
  draining: 8,
  /** By a service: it has as many requests as it takes. No handler was given this one. */
  overloaded: 9,
} as const satisfies Record<ResetReason, number>

const reasons = new Map<number, ResetReason>(
  Object.entries(ResetCode).map(([reason, code]) => [code, reason as ResetReason]),
)

/** A code that is not known says no more than that the stream is over. */
export function resetReason(code: number): ResetReason {
  return reasons.get(code) ?? 'destroyed'
}
