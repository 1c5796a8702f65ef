import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { OpenMailbox } from '../transport.js'
import { sizeOf } from '../wire/message.js'
import type { SendResult } from './inbox.js'

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
/** Milliseconds for what is queued to leave when a mailbox closes. */
const LINGER_MS = 1000
/** Milliseconds for libzmq's thread to write what it was given. */
const SETTLE_MS = 50
/** What a message costs in the queue beside its bytes. */
const MESSAGE_BYTES = 256
/** Messages, and bytes, after which the event loop has its turn. */
const TURN_MESSAGES = 256
const TURN_BYTES = 1024 * 1024

interface Queued {
  readonly frames: Buffer[]
  readonly bytes: number
}

/**
 * The way to a peer that can't be connected to: the connection that it made to our inbox. The socket there is one for all
 * peers, so each has its own queue in front, and a peer that reads slowly holds up itself alone.
 */
export class ReturnMailbox implements OpenMailbox {
  readonly #options: ReturnMailboxOptions
  #queue: Queued[] = []
  #queued = 0
  #queuedBytes = 0
  #pumping: Promise<void> | undefined
  #connected = false
  #closed = false

  constructor(options: ReturnMailboxOptions) {
    this.#options = options
  }

  get queued(): number {
    return this.#queued
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  hasRoom(bytes: number, maxQueueSize: number): boolean {
    return this.#queuedBytes === 0 || this.#queuedBytes + bytes <= maxQueueSize
  }

  send(frames: Buffer[], bytes = sizeOf(frames)): void {
    if (this.#closed) return
    this.#queue.push({ frames, bytes })
    this.#queued++
    this.#queuedBytes += bytes + MESSAGE_BYTES
    this.#pumping ??= this.#pump()
  }

  /** Drops what is queued. The connection is the peer's. */
  async abandon(): Promise<void> {
    this.#close()
  }

  /** Sends what is queued, for a second at most, and closes. */
  async flush(): Promise<void> {
    const sent = new AbortController()
    const late = sleep(LINGER_MS, undefined, { signal: sent.signal }).catch(() => {})
    await Promise.race([this.#pumping, late])
    sent.abort()
    await sleep(SETTLE_MS)
    this.#close()
  }

  #close(): void {
    this.#closed = true
    this.#queue = []
    this.#queued = 0
    this.#queuedBytes = 0
  }

  /** One message after the other: whether one was taken is known before the next is given. */
  async #pump(): Promise<void> {
    let sent = 0
    let turnBytes = 0
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      for (const { frames, bytes } of batch) {
        if (turnBytes >= TURN_BYTES || (sent > 0 && sent % TURN_MESSAGES === 0)) {
          await turn()
          turnBytes = 0
        }
        if (!(await this.#sendOne(frames))) return
        sent++
        turnBytes += bytes
        this.#queued--
        this.#queuedBytes -= bytes + MESSAGE_BYTES
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
