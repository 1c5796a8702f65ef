import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, Dealer } from 'zeromq'

export interface MailboxOptions {
  readonly context: Context
  readonly routingId: Buffer
  readonly endpoint: string
  /** The previous mailbox to the same peer is gone when this resolves. */
  readonly after?: Promise<void> | undefined
  /** What was queued can't be sent. */
  onLost(error: Error): void
}

/** Milliseconds for what is queued to leave when a mailbox closes. 0 loses replies; no limit hangs the exit on a dead peer. */
const LINGER_MS = 1000
/** Milliseconds for libzmq's thread to write what it was given. */
const SETTLE_MS = 50
/**
 * Milliseconds until a peer has seen that a connection is closed: through libzmq's threads here and there, and the peer's
 * own. Nothing tells when it has. 50 were too few once in 400 times on a busy machine.
 */
const GONE_MS = 250
/** What a message costs in the queue beside its bytes: many small ones count as well. */
const MESSAGE_BYTES = 256
/** Nothing is read from a mailbox, and what a peer sends there all the same must not pile up. A handshake fits. */
const MOST_READ = 1024

/**
 * The DEALER to one peer, with a queue in front: zeromq.js takes one `send` at a time, and throws EBUSY at a second.
 * What is queued is bounded by the caller, who looks at `queuedBytes` before a message is numbered.
 */
export class Mailbox {
  readonly endpoint: string
  readonly #socket: Dealer
  readonly #options: MailboxOptions
  #queue: Buffer[][] = []
  #queued = 0
  #queuedBytes = 0
  #pumping: Promise<void> | undefined
  /** The connection was there and is no more: what lingers would wait for nobody. */
  #cut = false
  #closed = false

  constructor(options: MailboxOptions) {
    const { context, routingId, endpoint } = options
    this.endpoint = endpoint
    this.#options = options
    this.#socket = new Dealer({
      context,
      linger: LINGER_MS,
      maxMessageSize: MOST_READ,
      // The typings say string; the id is bytes.
      routingId: routingId as unknown as string,
    })
    try {
      this.#watch()
      if (options.after === undefined) this.#socket.connect(endpoint)
      else this.#pumping = this.#connectAfter(options.after)
    } catch (error) {
      this.#socket.close()
      throw error
    }
  }

  /** How many messages wait. */
  get queued(): number {
    return this.#queued
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  send(frames: Buffer[]): void {
    if (this.#closed) return
    this.#queue.push(frames)
    this.#queued++
    this.#queuedBytes += sizeOf(frames) + MESSAGE_BYTES
    this.#pumping ??= this.#pump()
  }

  /** Drops what is queued. Resolves when the connection is gone. */
  async abandon(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#queue = []
      this.#socket.linger = 0
      this.#socket.close()
    }
    await sleep(GONE_MS)
  }

  /** Sends what is queued, for a second at most, and closes. Resolves when a peer that reads has it all. */
  async flush(): Promise<void> {
    const sent = new AbortController()
    const late = sleep(LINGER_MS, undefined, { signal: sent.signal }).catch(() => {})
    await Promise.race([this.#pumping, late])
    sent.abort()
    await sleep(SETTLE_MS)
    this.#closed = true
    if (this.#cut) this.#socket.linger = 0
    this.#socket.close()
  }

  #watch(): void {
    this.#socket.events.on('handshake', () => {
      this.#cut = false
    })
    this.#socket.events.on('disconnect', () => {
      this.#cut = true
    })
  }

  async #connectAfter(after: Promise<void>): Promise<void> {
    await after
    if (this.#closed) return
    try {
      this.#socket.connect(this.endpoint)
    } catch (error) {
      return this.#options.onLost(error as Error)
    }
    await this.#pump()
  }

  async #pump(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue
        this.#queue = []
        for (const frames of batch) {
          await this.#socket.send(frames)
          if (this.#closed) return
          this.#queued--
          this.#queuedBytes -= sizeOf(frames) + MESSAGE_BYTES
        }
      }
    } catch (error) {
      if (!this.#closed) this.#options.onLost(error as Error)
    } finally {
      this.#pumping = undefined
    }
  }
}

export function sizeOf(frames: readonly Buffer[]): number {
  let size = 0
  for (const frame of frames) size += frame.length
  return size
}
