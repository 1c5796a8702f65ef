import type { Context } from 'zeromq'
import { type NodeId, routingIdOf } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import { sizeOf } from '../wire/message.js'
import { returnRoutingId } from '../wire/return-path.js'
import { curveFor, type Keys } from './curve.js'
import type { SendResult } from './inbox.js'
import { Mailbox } from './mailbox.js'
import { ReturnMailbox } from './return-mailbox.js'

export interface MailboxesOptions {
  readonly context: Context
  /** The node whose mailboxes these are. Every peer's inbox knows us by this id. */
  readonly id: NodeId
  /** The most bytes queued for one peer. */
  readonly maxQueueSize: number
  /** Our own keys, on a network that encrypts. */
  readonly keys?: Keys | undefined
  /** Milliseconds within which a host that does not answer any more is noticed. */
  readonly lost: number
  /** The largest message of a peer that answers on our connection to it, with encryption. */
  readonly maxAnswer: number
  /** Sends over a connection that a peer has made to our inbox. */
  answer(routingId: Buffer, frames: readonly Buffer[]): Promise<SendResult>
  /** Given what a peer answers on our connection, with its routing id first. Nothing more is read until what it returns resolves. */
  onAnswer(frames: Buffer[]): Promise<void> | undefined
  /** Calls back, in a later turn, when what has come from peers is handed on. */
  whenRead(callback: () => void): void
  /** The mailbox to a peer has shaken hands. Called in the same turn or the next, however many messages come. */
  onConnected(id: NodeId): void
  /** Its connection broke, and it is of no more use; or one could not be made, and is tried again. */
  onDisconnected(id: NodeId): void
  /** What was queued for a peer can't be sent. Called later, never from within a method. */
  onLost(id: NodeId, error: Error): void
  /** A peer does not let us in. */
  onRefused?(id: NodeId, endpoint: string): void
}

/** Messages beyond the limit that may wait: those for which nobody asks whether there is room. */
const MAX_UNCHECKED = 1000

/** The mailbox of each peer. The next to the same peer waits for the one before, until its connection is gone. */
export class Mailboxes {
  readonly #options: MailboxesOptions
  readonly #routingId: Buffer
  readonly #open = new Map<NodeId, Mailbox | ReturnMailbox>()
  readonly #leaving = new Map<NodeId, Promise<void>>()
  readonly #flushing = new Set<Promise<void>>()

  constructor(options: MailboxesOptions) {
    this.#options = options
    this.#routingId = routingIdOf(options.id)
  }

  /** `asks`: the peer may answer. Undefined when no mailbox can be opened: then `onLost` is called later. */
  open(id: NodeId, endpoint: string, key?: PublicKey, asks = false): Mailbox | undefined {
    this.close(id, false)
    const { maxAnswer, onAnswer } = this.#options
    const theirs = routingIdOf(id)
    try {
      const mailbox: Mailbox = new Mailbox({
        context: this.#options.context,
        routingId: asks ? returnRoutingId(this.#options.id) : this.#routingId,
        endpoint,
        curve: curveFor(this.#options.keys, key),
        after: this.#leaving.get(id),
        lost: this.#options.lost,
        ...(asks && { maxAnswer, onAnswer: (frames) => onAnswer([theirs, ...frames]) }),
        // Never after the messages that keep coming: those of this peer are held until then, and few can be.
        onConnected: () => setImmediate(() => this.#tell(id, mailbox, this.#options.onConnected)),
        onDisconnected: () => this.#tellWhenRead(id, mailbox, this.#options.onDisconnected),
        onLost: (error) => this.#lose(id, mailbox, error),
        onRefused: () => this.#tellWhenRead(id, mailbox, (peer) => this.#options.onRefused?.(peer, endpoint)),
      })
      this.#open.set(id, mailbox)
      return mailbox
    } catch (error) {
      // No socket or no file descriptor is left.
      this.#lose(id, undefined, error as Error)
      return undefined
    }
  }

  /** A mailbox whose way is the connection that the peer has made to our inbox under a routing id. */
  openReturn(id: NodeId, routingId: Buffer): ReturnMailbox {
    this.close(id, false)
    const { answer, onConnected, onDisconnected } = this.#options
    const mailbox: ReturnMailbox = new ReturnMailbox({
      send: (frames) => answer(routingId, frames),
      onConnected: () => setImmediate(() => this.#tell(id, mailbox, onConnected)),
      onDisconnected: () => this.#tellWhenRead(id, mailbox, onDisconnected),
    })
    this.#open.set(id, mailbox)
    return mailbox
  }

  /** The peers that are answered on their own connections. */
  returning(): NodeId[] {
    return [...this.#open].flatMap(([id, mailbox]) => (mailbox instanceof ReturnMailbox ? [id] : []))
  }

  /** `flush`: what it holds is sent first, within a second. */
  close(id: NodeId, flush: boolean): void {
    const mailbox = this.#open.get(id)
    if (mailbox === undefined) return
    this.#open.delete(id)
    const gone = (flush ? mailbox.flush() : mailbox.abandon()).finally(() => {
      if (this.#leaving.get(id) === gone) this.#leaving.delete(id)
      this.#flushing.delete(gone)
    })
    this.#leaving.set(id, gone)
    if (flush) this.#flushing.add(gone)
  }

  queuedBytes(id: NodeId): number {
    return this.#open.get(id)?.queuedBytes ?? 0
  }

  /** Whether a peer's queue has room for a message of so many bytes. */
  hasRoom(id: NodeId, bytes: number): boolean {
    return this.#open.get(id)?.hasRoom(bytes, this.#options.maxQueueSize) ?? true
  }

  /** Whether the mailbox took the message. It does not when a peer keeps asking for answers and reads none of them. */
  send(id: NodeId, frames: Buffer[], bytes = sizeOf(frames)): boolean {
    const mailbox = this.#open.get(id)
    if (mailbox === undefined) return false
    if (mailbox.queued > MAX_UNCHECKED && mailbox.queuedBytes > 2 * this.#options.maxQueueSize) {
      this.#lose(id, mailbox, new Error('the peer does not take what is sent to it'))
      return false
    }
    mailbox.send(frames, bytes)
    return true
  }

  /** Resolves when those that are flushed have sent what they held. */
  async flushed(): Promise<void> {
    await Promise.all(this.#flushing)
  }

  /** After what the inbox has got already: a peer's last words are read before it is gone. */
  #tellWhenRead(id: NodeId, mailbox: Mailbox | ReturnMailbox, listener: (id: NodeId) => void): void {
    this.#options.whenRead(() => this.#tell(id, mailbox, listener))
  }

  #tell(id: NodeId, mailbox: Mailbox | ReturnMailbox, listener: (id: NodeId) => void): void {
    if (this.#open.get(id) === mailbox) listener(id)
  }

  #lose(id: NodeId, mailbox: Mailbox | ReturnMailbox | undefined, error: Error): void {
    queueMicrotask(() => {
      if (this.#open.get(id) === mailbox) this.#options.onLost(id, error)
    })
  }
}
