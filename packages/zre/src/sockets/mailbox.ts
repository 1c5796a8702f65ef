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
/** Milliseconds for libzmq's thread to close the connection behind a closed socket, and for the peer's to see it. */
const GONE_MS = 50

/**
 * The DEALER to one peer, with a queue in front: zeromq.js takes one `send` at a time, and throws EBUSY at a second.
 * What is queued is bounded by the caller, who asks for `queuedBytes` before it numbers a message.
 */
export class Mailbox {
  readonly endpoint: string
  readonly #socket: Dealer
  readonly #options: MailboxOptions
  #queue: Buffer[][] = []
  #queuedBytes = 0
  #pumping: Promise<void> | undefined
  #closed = false

  constructor(options: MailboxOptions) {
    const { context, routingId, endpoint } = options
    this.endpoint = endpoint
    this.#options = options
    // The typings say string; the id is bytes.
    this.#socket = new Dealer({ context, linger: LINGER_MS, routingId: routingId as unknown as string })
    if (options.after === undefined) this.#socket.connect(endpoint)
    else this.#pumping = this.#connectAfter(options.after)
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  send(frames: Buffer[]): void {
    if (this.#closed) return
    this.#queue.push(frames)
    this.#queuedBytes += sizeOf(frames)
    this.#pumping ??= this.#pump()
  }

  /** Drops what is queued. Resolves when the connection is gone. */
  async abandon(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#queue = []
      this.#queuedBytes = 0
      this.#socket.linger = 0
      this.#socket.close()
    }
    await new Promise((resolve) => setTimeout(resolve, GONE_MS))
  }

  /** Sends what is queued, for a second at most, and closes. */
  async flush(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LINGER_MS)
    })
    await Promise.race([this.#pumping, late])
    clearTimeout(timer)
    this.#closed = true
    this.#socket.close()
  }

  async #connectAfter(after: Promise<void>): Promise<void> {
    await after
    if (this.#closed) return
    this.#socket.connect(this.endpoint)
    await this.#pump()
  }

  async #pump(): Promise<void> {
    try {
      for (let frames = this.#queue[0]; frames !== undefined; frames = this.#queue[0]) {
        await this.#socket.send(frames)
        if (this.#closed) return
        this.#queue.shift()
        this.#queuedBytes -= sizeOf(frames)
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
