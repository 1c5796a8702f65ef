import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for what is queued to leave when a mailbox closes. 0 loses replies; no limit hangs the exit on a dead peer. */
export const LINGER_MS = 1000
/** Milliseconds for libzmq's thread to write what it was given. */
export const SETTLE_MS = 50
/** Messages after which the event loop has its turn, since many that are queued may all go out at once. */
export const TURN_MESSAGES = 256
/**
 * Bytes that libzmq is given until the event loop has its turn. libzmq counts messages and not bytes, so that a burst of large
 * ones would never reach the queue, which is limited.
 */
export const TURN_BYTES = 1024 * 1024
/** What a message costs in the queue beside its bytes, so that many small messages count as well. */
const MESSAGE_BYTES = 256

export interface QueuedMessage {
  readonly frames: Buffer[]
  /** The size of all frames. */
  readonly bytes: number
}

/** The messages that wait for one peer. A message counts until it has left, also while it is being sent. */
export class MessageQueue {
  #waiting: QueuedMessage[] = []
  #messages = 0
  #bytes = 0

  /** How many messages have not left. */
  get messages(): number {
    return this.#messages
  }

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Whether a message of so many bytes has room. A single one may be larger than the queue. */
  hasRoom(bytes: number, maxQueueSize: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= maxQueueSize
  }

  add(frames: Buffer[], bytes: number): void {
    this.#waiting.push({ frames, bytes })
    this.#messages++
    this.#bytes += bytes + MESSAGE_BYTES
  }

  /** The messages to be sent next. Each of them is told by `left`. */
  takeAll(): QueuedMessage[] {
    const batch = this.#waiting
    this.#waiting = []
    return batch
  }

  left(bytes: number): void {
    this.#messages--
    this.#bytes -= bytes + MESSAGE_BYTES
  }

  clear(): void {
    this.#waiting = []
    this.#messages = 0
    this.#bytes = 0
  }
}

/** Resolves when all is sent, or after the time to linger. */
export async function linger(sending: Promise<void> | undefined): Promise<void> {
  const sent = new AbortController()
  const late = sleep(LINGER_MS, undefined, { signal: sent.signal }).catch(() => {})
  await Promise.race([sending, late])
  sent.abort()
}
