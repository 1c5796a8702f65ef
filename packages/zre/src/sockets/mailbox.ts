import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Dealer } from 'zeromq'
import type { OpenMailbox } from '../transport.js'
import { sizeOf } from '../wire/message.js'
import { HiccupWatch, watchByMonitor } from './connection-watch.js'
import { type DealerOptions, openDealer } from './dealer.js'
import { linger, MessageQueue, SETTLE_MS, TURN_BYTES, TURN_MESSAGES } from './message-queue.js'

export interface MailboxOptions extends DealerOptions {
  /** The previous mailbox to the same peer is gone when this resolves. */
  readonly after?: Promise<void> | undefined
  /** The peer's I/O thread has answered: it is there. Told once the mailbox has been given a message, which may be later. */
  onConnected(): void
  /** The connection broke, and this mailbox is of no more use; or one could not be made, and is tried again. */
  onDisconnected(): void
  /** Given what the peer sends on this connection. Nothing more is read until what it returns resolves. */
  onAnswer?: ((frames: Buffer[]) => Promise<void> | undefined) | undefined
  /** What was queued can't be sent. */
  onLost(error: Error): void
  /** The peer does not let us in. */
  onRefused?(): void
}

/**
 * Milliseconds until a peer has seen that a connection is closed: through libzmq's threads here and there, and the peer's
 * own. Nothing tells when it has. 50 were too few once in 400 times on a busy machine.
 */
const GONE_MS = 250
/** The longest time in milliseconds between two looks whether libzmq takes more. */
const MAX_WAIT_MS = 50
/** Turns of the event loop in which the last answers of a peer are read. */
const MAX_LAST_TURNS = 100

/**
 * The DEALER to one peer, with a queue in front: zeromq.js takes one `send` at a time, and throws EBUSY at a second.
 * What is queued is bounded by the caller, who looks at `queuedBytes` before a message is numbered.
 */
export class Mailbox implements OpenMailbox {
  readonly endpoint: string
  /** From when it connects: a socket takes time to make, and many may have to be made anew at once. */
  #socket!: Dealer
  readonly #options: MailboxOptions
  readonly #queue = new MessageQueue()
  /** Bytes given to libzmq since the last turn of the pump. */
  #turnBytes = 0
  #pumping: Promise<void> | undefined
  /** Undefined where a monitor tells of the connection. */
  #hiccups: HiccupWatch | undefined
  #connected = false
  #closed = false

  constructor(options: MailboxOptions) {
    this.endpoint = options.endpoint
    this.#options = options
    if (options.after === undefined) this.#connect()
    else this.#pumping = this.#connectAfter(options.after)
  }

  #connect(): void {
    const { endpoint, onAnswer } = this.#options
    this.#socket = openDealer(this.#options, onAnswer !== undefined)
    try {
      this.#watch()
      this.#socket.connect(endpoint)
      if (onAnswer !== undefined) void this.#read(onAnswer)
    } catch (error) {
      this.#close()
      throw error
    }
  }

  /** How many messages wait. */
  get queued(): number {
    return this.#queue.messages
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** Whether a message of so many bytes has room in the queue. A single one may be larger than the queue. */
  hasRoom(bytes: number, maxQueueSize: number): boolean {
    return this.#queue.hasRoom(bytes, maxQueueSize)
  }

  /** The message leaves at once when nothing waits and the socket takes it. `bytes`: the size of all frames. */
  send(frames: Buffer[], bytes = sizeOf(frames)): void {
    if (this.#closed) return
    if (this.#mayLeave && this.#sendNow(frames, bytes)) return
    this.#queue.add(frames, bytes)
    this.#pumping ??= this.#pump()
  }

  /** Whether a message need not wait for others, nor for the connection. */
  get #mayLeave(): boolean {
    if (this.#pumping !== undefined || this.#turnBytes >= TURN_BYTES) return false
    return this.#hiccups === undefined || this.#connected
  }

  /** Drops what is queued. Resolves when the connection is gone. */
  async abandon(): Promise<void> {
    this.#drop()
    await sleep(GONE_MS)
  }

  /**
   * Sends what is queued, for a second at most, and closes. Resolves when a peer that reads has it all. A peer that no connection
   * is made to has not even got our first message, and is not waited for.
   */
  async flush(): Promise<void> {
    if (this.#queue.messages > 0 && this.#connected) await linger(this.#pumping)
    await sleep(SETTLE_MS)
    if (this.#connected) this.#close()
    else this.#drop()
  }

  /**
   * A mailbox has one connection in its life. libzmq would connect again by itself, and too soon for gyre, which then ignores
   * us; and what was under way is lost, so that the numbers would have a hole.
   */
  #watch(): void {
    const { curve, onAnswer, onConnected, onDisconnected, onRefused } = this.#options
    const listener = {
      onConnected: () => {
        this.#connected = true
        onConnected()
      },
      onBroken: () => void this.#end(),
      onFailed: () => {
        if (!this.#closed) onDisconnected()
      },
      onRefused,
    }
    // Only a monitor tells that a peer refuses our key, and what is read where a peer answers is for others.
    if (curve === undefined && onAnswer === undefined) this.#hiccups = HiccupWatch.of(this.#socket, listener)
    if (this.#hiccups === undefined) watchByMonitor(this.#socket, listener)
  }

  /** The peer's last answers are read first. */
  async #end(): Promise<void> {
    if (this.#options.onAnswer !== undefined) {
      for (let left = MAX_LAST_TURNS; left > 0 && !this.#closed && this.#socket.readable; left--) await turn()
    }
    if (this.#closed) return
    this.#drop()
    this.#options.onDisconnected()
  }

  async #read(onAnswer: (frames: Buffer[]) => Promise<void> | undefined): Promise<void> {
    while (!this.#closed) {
      try {
        const room = onAnswer(await this.#socket.receive())
        if (room !== undefined) await room
      } catch (error) {
        if (this.#closed || this.#socket.closed) return
        this.#fail(error as Error)
        return
      }
    }
  }

  #drop(): void {
    if (this.#closed) return
    if (this.#isOpen) this.#socket.linger = 0
    this.#close()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue.clear()
    if (this.#isOpen) this.#socket.close()
  }

  get #isOpen(): boolean {
    return this.#socket !== undefined
  }

  async #connectAfter(after: Promise<void>): Promise<void> {
    await after
    if (this.#closed) return
    try {
      this.#connect()
    } catch (error) {
      return this.#options.onLost(error as Error)
    }
    await this.#pump()
  }

  /**
   * Whether the socket took a message; one that it can't send is lost, and so is the mailbox. Without a time to wait,
   * zeromq.js hands a message to libzmq before `send` returns.
   */
  #sendNow(frames: Buffer[], bytes: number): boolean {
    const socket = this.#socket
    if (!socket.writable) return false
    this.#turnBytes += bytes
    try {
      socket.send(frames).then(undefined, this.#fail)
    } catch (error) {
      this.#fail(error as Error)
    }
    return true
  }

  /** zeromq.js can't wait for two things at a time without missing one: so it is asked again and again whether it can send. */
  async #sendLater(frames: Buffer[]): Promise<void> {
    const socket = this.#socket
    for (let wait = 1; !socket.writable; wait = Math.min(2 * wait, MAX_WAIT_MS)) {
      this.#hiccups?.look()
      await sleep(wait)
      if (this.#closed) return
    }
    await socket.send(frames)
  }

  async #pump(): Promise<void> {
    let sent = 0
    try {
      while (!this.#queue.isEmpty) {
        for (const { frames, bytes } of this.#queue.takeAll()) {
          if (this.#turnBytes >= TURN_BYTES || (sent > 0 && sent % TURN_MESSAGES === 0)) {
            await turn()
            this.#turnBytes = 0
            if (this.#closed) return
          }
          // The first message waits in any case, because this method must not end before `#pumping` is set.
          if (sent === 0 || !this.#sendNow(frames, bytes)) await this.#sendLater(frames)
          if (this.#closed) return
          sent++
          this.#queue.left(bytes)
          if (this.#hiccups === undefined || this.#connected) continue
          await this.#hiccups.made()
          if (this.#closed) return
        }
      }
    } catch (error) {
      this.#fail(error as Error)
    } finally {
      this.#pumping = undefined
    }
  }

  readonly #fail = (error: Error): void => {
    if (!this.#closed) this.#options.onLost(error)
  }
}
