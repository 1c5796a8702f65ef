import { ZreError } from '../error.js'
import type { Outlet, PeerState, PeerView } from '../machine/peer.js'
import { countReceived, isNext, takeSequence } from '../machine/sequence.js'
import type { PeerToken } from '../security/peer-tokens.js'
import type { SecurityPolicy } from '../security/security-policy.js'
import type { Counters } from '../stats.js'
import type { OpenMailbox } from '../transport.js'
import type { Content } from '../types.js'
import type { NodeId } from '../wire/identity.js'
import { sizeOf, whisperSequence } from '../wire/message.js'

export interface ChannelOptions {
  readonly policy: SecurityPolicy
  readonly counters: Counters
  /** The most bytes queued for one peer. */
  readonly maxQueueSize: number
  /** Tells listeners of a whisper. Does not throw. */
  readonly events: { whisper(peer: PeerView, content: Buffer[]): void }
  /** Whether a whisper puts its link in use. */
  isUse(content: Buffer): boolean
  /** Told that a whisper came, or is about to leave, that puts the link in use: the first for a while. */
  onUsed(peer: NodeId): void
  /** Becomes true when the node is closed. */
  closed: boolean
}

const EMPTY = Buffer.alloc(0)

/** What a peer of a closed node has. */
const CLOSED: Outlet = {
  send() {
    throw nodeClosed()
  },
}

/**
 * The short way of whispers to and from one peer, past the machine: it only gives and checks numbers. All that the machine
 * would have to decide goes to the machine. Lives as long as the mailbox.
 */
export class Channel implements Outlet {
  readonly #peer: PeerState
  readonly #mailbox: OpenMailbox
  readonly #options: ChannelOptions
  #token: PeerToken | undefined

  constructor(peer: PeerState, mailbox: OpenMailbox, options: ChannelOptions) {
    this.#peer = peer
    this.#mailbox = mailbox
    this.#options = options
  }

  close(): void {
    if (this.#peer.outlet === this) this.#peer.outlet = this.#options.closed ? CLOSED : undefined
  }

  send(content: Content): void {
    const { policy, counters, maxQueueSize, closed } = this.#options
    if (closed) throw nodeClosed()
    // The policy fills in the head.
    const frames = addFrames([EMPTY], content)
    const size = sizeOf(frames)
    // Before the message gets its number: one that has a number must go out.
    if (!this.#mailbox.hasRoom(size, maxQueueSize)) throw queueFull(this.#peer.id, maxQueueSize)
    this.#use(frames)
    const bytes = size + policy.sealWhisper(frames, takeSequence(this.#peer), this.#tokenOf(policy))
    this.#mailbox.send(frames, bytes)
    counters.messageSent(bytes)
  }

  /** Takes a message if it is a whisper in its turn, and gives it to listeners. False, and nothing changed, otherwise. */
  receive(frames: Buffer[], now: number): boolean {
    const peer = this.#peer
    const { policy, events } = this.#options
    const sequence = frames[0] === undefined ? undefined : whisperSequence(frames[0])
    if (sequence === undefined || !isNext(peer, sequence)) return false
    if (!policy.openWhisper(frames, this.#tokenOf(policy))) return false
    countReceived(peer, now)
    this.#use(frames)
    frames.shift()
    if (frames.length === 0) frames.push(EMPTY)
    events.whisper(peer.view as PeerView, frames)
    return true
  }

  /** `frames` begins with the head. */
  #use([, content = EMPTY]: readonly Buffer[]): void {
    const { watch, id } = this.#peer
    if (!watch?.used && this.#options.isUse(content)) this.#options.onUsed(id)
  }

  /** The policy changes the token, and keeps the object while the peer is known. */
  #tokenOf(policy: SecurityPolicy): PeerToken | undefined {
    this.#token ??= policy.tokenOf(this.#peer.id)
    return this.#token
  }
}

export function nodeClosed(): ZreError {
  return new ZreError('ZRE_CLOSED', 'the node is closed')
}

export function queueFull(id: string, maxQueueSize: number): ZreError {
  const problem = `peer ${id} does not take what is sent to it, and ${maxQueueSize} bytes wait`
  return new ZreError('ZRE_QUEUE_FULL', problem)
}

/** Adds the frames of what a user sends to others. Bytes are not copied. */
export function addFrames(frames: Buffer[], content: Content): Buffer[] {
  if (typeof content === 'string' || content instanceof Uint8Array) frames.push(frameOf(content))
  else for (const part of content) frames.push(frameOf(part))
  return frames
}

function frameOf(part: Uint8Array | string): Buffer {
  if (typeof part === 'string') return Buffer.from(part)
  return Buffer.isBuffer(part) ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength)
}
