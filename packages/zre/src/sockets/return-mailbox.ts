import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { OpenMailbox } from '../transport.js'
import { sizeOf } from '../wire/message.js'
import type { SendResult } from './inbox.js'
import { linger, MessageQueue, SETTLE_MS, TURN_BYTES, TURN_MESSAGES } from './message-queue.js'

export interface ReturnMailboxOptions {
  /** Sends a message over the peer's connection, at once or not at all. */
  send(frames: readonly Buffer[]): Promise<SendResult>
  /** A first message was taken: the connection is there. */
  onConnected(): void
  /** There is no such connection any more, and this mailbox is of no more use. */
  onDisconnected(): void
}

/** Milliseconds between two attempts while the connection takes nothing: nothing tells when it does again. */
const FULL_MS = 5
/**
 * The way to a peer that can't be connected to: the connection that it made to our inbox. The socket there is one for all
 * peers, so each has its own queue in front, and a peer that reads slowly holds up itself alone.
 */
export class ReturnMailbox implements OpenMailbox {
  readonly #options: ReturnMailboxOptions
  readonly #queue = new MessageQueue()
  #pumping: Promise<void> | undefined
  #connected = false
  #closed = false

  constructor(options: ReturnMailboxOptions) {
    this.#options = options
  }

  get queued(): number {
    return this.#queue.messages
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  hasRoom(bytes: number, maxQueueSize: number): boolean {
    return this.#queue.hasRoom(bytes, maxQueueSize)
  }

  send(frames: Buffer[], bytes = sizeOf(frames)): void {
    if (this.#closed) return
    this.#queue.add(frames, bytes)
    this.#pumping ??= this.#pump()
  }

  /** Drops what is queued. The connection is the peer's. */
  async abandon(): Promise<void> {
    this.#close()
  }

  /** Sends what is queued, for a second at most, and closes. */
  async flush(): Promise<void> {
    await linger(this.#pumping)
    await sleep(SETTLE_MS)
    this.#close()
  }

  #close(): void {
    this.#closed = true
    this.#queue.clear()
  }

  /** One message after the other: whether one was taken is known before the next is given. */
  async #pump(): Promise<void> {
    let sent = 0
    let turnBytes = 0
    while (!this.#queue.isEmpty) {
      for (const { frames, bytes } of this.#queue.takeAll()) {
        if (turnBytes >= TURN_BYTES || (sent > 0 && sent % TURN_MESSAGES === 0)) {
          await turn()
          turnBytes = 0
        }
        if (!(await this.#sendOne(frames))) return
        sent++
        turnBytes += bytes
        this.#queue.left(bytes)
      }
    }
    this.#pumping = undefined
  }

  /** False when the mailbox has ended. */
  async #sendOne(frames: Buffer[]): Promise<boolean> {
    const { send, onConnected, onDisconnected } = this.#options
    for (;;) {
      if (this.#closed) return false
      const result = await send(frames)
      if (this.#closed) return false
      if (result === 'sent') break
      if (result === 'gone') {
        this.#close()
        onDisconnected()
        return false
      }
      await sleep(FULL_MS)
    }
    if (!this.#connected) {
      this.#connected = true
      onConnected()
    }
    return true
  }
}
