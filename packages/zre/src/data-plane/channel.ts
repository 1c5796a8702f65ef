import { ZreError } from '../error.js'
import type { Outlet, PeerState, PeerView } from '../machine/peer.js'
import { countReceived, isNext, takeSequence } from '../machine/sequence.js'
import type { PeerToken } from '../security/peer-tokens.js'
import type { SecurityPolicy } from '../security/security-policy.js'
import { type Mailbox, sizeOf } from '../sockets/mailbox.js'
import type { Counters } from '../stats.js'
import type { Content } from '../types.js'
import { whisperSequence } from '../wire/message.js'
import { addFrames } from './content.js'

export interface ChannelOptions {
  readonly policy: SecurityPolicy
  readonly counters: Counters
  /** The most bytes queued for one peer. */
  readonly maxQueueSize: number
  isClosed(): boolean
  /** A whisper of the peer is in its turn. Does not throw. */
  onWhisper(peer: PeerView, content: Buffer[]): void
}

const EMPTY = Buffer.alloc(0)

/**
 * The short way of whispers to and from one peer, past the machine: it only gives and checks numbers. All that the machine
 * would have to decide goes to the machine. Lives as long as the mailbox.
 */
export class Channel implements Outlet {
  readonly #peer: PeerState
  readonly #mailbox: Mailbox
  readonly #options: ChannelOptions
  #token: PeerToken | undefined

  constructor(peer: PeerState, mailbox: Mailbox, options: ChannelOptions) {
    this.#peer = peer
    this.#mailbox = mailbox
    this.#options = options
  }

  send(content: Content): void {
    const { policy, counters, maxQueueSize, isClosed } = this.#options
    if (isClosed()) throw new ZreError('ZRE_CLOSED', 'the node is closed')
    // The policy fills in the head.
    const frames = addFrames([EMPTY], content)
    const size = sizeOf(frames)
    // Before the message gets its number: one that has a number must go out.
    if (!this.#mailbox.hasRoom(size, maxQueueSize)) throw queueFull(this.#peer.id, maxQueueSize)
    const bytes = size + policy.sealWhisper(frames, takeSequence(this.#peer), this.#tokenOf(policy))
    this.#mailbox.send(frames, bytes)
    counters.messageSent(bytes)
  }

  /** Takes a message if it is a whisper in its turn, and gives it to listeners. False, and nothing changed, otherwise. */
  receive(frames: Buffer[], now: number): boolean {
    const peer = this.#peer
    const { policy, onWhisper } = this.#options
    const sequence = frames[0] === undefined ? undefined : whisperSequence(frames[0])
    if (sequence === undefined || !isNext(peer, sequence)) return false
    if (!policy.openWhisper(frames, this.#tokenOf(policy))) return false
    countReceived(peer, now)
    frames.shift()
    if (frames.length === 0) frames.push(EMPTY)
    onWhisper(peer.view as PeerView, frames)
    return true
  }

  /** The policy changes the token, and keeps the object while the peer is known. */
  #tokenOf(policy: SecurityPolicy): PeerToken | undefined {
    this.#token ??= policy.tokenOf(this.#peer.id)
    return this.#token
  }
}

export function queueFull(id: string, maxQueueSize: number): ZreError {
  const problem = `peer ${id} does not take what is sent to it, and ${maxQueueSize} bytes wait`
  return new ZreError('ZRE_QUEUE_FULL', problem)
}
