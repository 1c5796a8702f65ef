import { CongestionWindow } from './congestion-window.js'
import type { Stream } from './stream-host.js'

/** What a body may send in its turn, at least, while others wait as well. */
const QUANTUM = 16 * 1024

/** Milliseconds after the last packet until nothing more is waited for: a peer whose connection lives has received it by then. */
const SETTLED_MS = 2000

/** What a head or message that waits costs beside its bytes. */
const WAITING_BYTES = 512

/** A head or a message that waits to leave. */
export interface Queued {
  readonly size: number
  /** Hands it over. */
  write(): void
}

export interface SendQueueOptions {
  /** Bytes that are written and not handed over yet. */
  readonly written: () => number
  /** Makes room for the next head. May fail, and then take back what waits. */
  readonly makeRoom: () => void
  /** Resolves when the peer has all that was handed over until now: false when it goes first. */
  readonly acknowledged: () => Promise<boolean>
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** The most bytes that heads and messages take while they wait. */
  readonly maxBytes: number
}

/**
 * What waits to leave for a peer while as much is on its way as should be. What waits here can still be taken back. Heads
 * leave before bodies, and bodies take turns, so that none waits for all of another.
 */
export class SendQueue {
  readonly #options: SendQueueOptions
  #window = new CongestionWindow()
  readonly #heads = new Map<number, Queued>()
  readonly #bodies = new Set<Stream>()
  #bytes = 0
  /** Bodies whose head waits. */
  readonly #behind = new Map<number, Stream>()
  /** What the body whose turn it is may send. */
  #quantum = 0
  /** Marks that are not acknowledged yet. */
  #marks = 0
  #sentAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: SendQueueOptions) {
    this.#options = options
  }

  /** Whether a head has to wait. */
  get isFull(): boolean {
    return this.#heads.size > 0 || this.#window.room <= this.#options.written()
  }

  /** Bytes that a body may send without waiting for others. */
  get room(): number {
    if (this.#bodies.size > 0 || this.isFull) return 0
    // How long the way is shows best when little is on it.
    return this.#window.isMeasured ? Math.max(QUANTUM, this.#room) : QUANTUM
  }

  /** Adds what has to wait, under a key of its own. False if there is too much of it. */
  add(key: number, queued: Queued): boolean {
    const cost = queued.size + WAITING_BYTES
    if (this.#bytes + cost > this.#options.maxBytes && this.#bytes > 0) return false
    this.#bytes += cost
    this.#heads.set(key, queued)
    return true
  }

  has(key: number): boolean {
    return this.#heads.has(key)
  }

  /** Hands over more when what has that key is: false if nothing with it waits. */
  append(key: number, write: () => void): boolean {
    const queued = this.#heads.get(key)
    if (queued === undefined) return false
    const { size } = queued
    this.#heads.set(key, {
      size,
      write: () => {
        queued.write()
        write()
      },
    })
    return true
  }

  /** Whether it waited: then it never leaves. */
  remove(key: number): boolean {
    const queued = this.#heads.get(key)
    if (queued === undefined) return false
    this.#heads.delete(key)
    this.#behind.delete(key)
    this.#bytes -= queued.size + WAITING_BYTES
    return true
  }

  /** Bytes that a body may send now. If there are none, its `flow` is called when there are. */
  roomFor(body: Stream): number {
    if (this.#quantum > 0) {
      const quantum = this.#quantum
      this.#quantum = 0
      return quantum
    }
    if (this.room > 0) return this.room
    if (this.#heads.has(body.key)) this.#behind.set(body.key, body)
    else this.#bodies.add(body)
    return 0
  }

  /** A body waits no longer. */
  leave(body: Stream): void {
    if (this.#behind.size > 0) this.#behind.delete(body.key)
    if (this.#bodies.size > 0) this.#bodies.delete(body)
  }

  /** Bytes were handed over. */
  sent(bytes: number): void {
    this.#window.send(bytes)
    this.#sentAt = this.#options.now()
    this.#ask()
  }

  /**
   * Resolves when the peer has all that was handed over, and what waited when this was called; or when it is gone. At once
   * when nothing was sent lately.
   */
  async drained(): Promise<void> {
    while (!this.#closed) {
      if (this.#heads.size === 0) {
        if (this.#window.inFlight === 0 || this.#options.now() - this.#sentAt > SETTLED_MS) return
      }
      if (!(await this.#mark())) return
    }
  }

  /** Hands over every head, whether there is room or not. */
  force(): void {
    while (this.#heads.size > 0) this.#writeHeads(Infinity)
  }

  /** The peer begins anew: nothing is on its way to it, and what waits never leaves. Returns its keys. */
  restart(): number[] {
    const keys = [...this.#heads.keys()]
    this.#window = new CongestionWindow()
    this.#marks = 0
    this.#clear()
    return keys
  }

  close(): void {
    this.#closed = true
    this.#clear()
  }

  #clear(): void {
    this.#heads.clear()
    this.#behind.clear()
    this.#bodies.clear()
    this.#bytes = 0
  }

  get #room(): number {
    return this.#window.room - this.#options.written()
  }

  #ask(): void {
    if (this.#window.isMarkDue || (this.#marks === 0 && this.#window.room <= 0)) void this.#mark()
  }

  async #mark(): Promise<boolean> {
    const { now, acknowledged } = this.#options
    const window = this.#window
    const mark = window.mark(now())
    this.#marks++
    const received = await acknowledged()
    if (window !== this.#window || this.#closed) return false
    if (!received) {
      // Nobody acknowledges what is on its way: the peer goes, or was greeted anew. What waits must not wait for that.
      this.#window = new CongestionWindow()
      this.#marks = 0
      this.#drain()
      return false
    }
    this.#marks--
    window.acknowledge(mark, now(), this.#heads.size > 0 || this.#bodies.size > 0)
    this.#drain()
    this.#ask()
    return true
  }

  #drain(): void {
    while (this.#room > 0 && (this.#heads.size > 0 || this.#bodies.size > 0)) {
      this.#writeHeads(QUANTUM)
      const [body] = this.#bodies
      if (body !== undefined && this.#room > 0) this.#giveTurn(body)
    }
  }

  #writeHeads(most: number): void {
    let written = 0
    for (const [key, queued] of this.#heads) {
      if (written >= most) return
      this.#options.makeRoom()
      if (!this.#heads.has(key)) continue
      const body = this.#behind.get(key)
      this.remove(key)
      if (body !== undefined) this.#bodies.add(body)
      written += queued.size
      queued.write()
    }
  }

  #giveTurn(body: Stream): void {
    this.#quantum = Math.max(QUANTUM, Math.floor(this.#room / this.#bodies.size))
    this.#bodies.delete(body)
    body.flow()
    this.#quantum = 0
  }
}
