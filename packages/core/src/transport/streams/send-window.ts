import type { Windows } from '../../shared/limits.js'
import { Queue } from '../../shared/queue.js'
import type { Done } from '../transport.js'

/** Sends a part of a body. `end`: nothing follows. `done` is called when the bytes belong to their owner again. */
type Emit = (bytes: Uint8Array, end: boolean, done: Done) => void

interface Waiting {
  bytes: Uint8Array
  readonly done: Done
}

/** One side's body on its way out: as much as there is credit for goes at once, the rest waits for more. */
export class SendWindow {
  readonly #emit: Emit
  readonly #room: () => number
  readonly #waiting = new Queue<Waiting>()
  readonly #most: number
  #credit: number
  #ended = false
  /** There was no room for more. */
  #stalled = false
  #stopped = false

  /** `room`: how many bytes may go to the peer now. If none, `flow` is to be called when some may. */
  constructor(emit: Emit, room: () => number, windows: Windows) {
    this.#most = windows.most
    this.#credit = windows.first
    this.#emit = emit
    this.#room = room
  }

  /** The end has left, or nothing more will. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Bytes that left with the head of the message. */
  takeCredit(bytes: number): void {
    this.#credit -= bytes
  }

  /** `done` is called when the last of the bytes has left: whoever writes waits for it. `end`: nothing follows. */
  write(bytes: Uint8Array, done: Done, end = false): void {
    if (this.#stopped) {
      done(streamOver())
      return
    }
    if (end) this.#ended = true
    this.#waiting.push({ bytes, done })
    this.#flow()
  }

  /** Resolves when the bytes have left: false if they never will. */
  sent(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => this.write(bytes, (error) => resolve(!error)))
  }

  end(): void {
    this.#ended = true
    if (this.#waiting.size === 0 && !this.#stopped) this.#finish()
  }

  addCredit(bytes: number): void {
    // A peer may grant any number.
    this.#credit = Math.min(this.#most, this.#credit + bytes)
    this.#flow()
  }

  /** There is room again. */
  flow(): void {
    this.#stalled = false
    this.#flow()
  }

  /** Nothing more is sent. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    if (this.#waiting.size === 0) return
    const error = streamOver()
    for (const { done } of this.#waiting.drain()) done(error)
  }

  #flow(): void {
    while (!this.#stopped && !this.#stalled && this.#waiting.size > 0) {
      const first = this.#waiting.peek() as Waiting
      if (this.#credit === 0 && first.bytes.length > 0) return
      const room = this.#room()
      if (room === 0) {
        this.#stalled = true
        return
      }
      const part = first.bytes.subarray(0, Math.min(this.#credit, room))
      const whole = part.length === first.bytes.length
      this.#credit -= part.length
      const last = whole && this.#ended && this.#waiting.size === 1
      if (last) this.#stopped = true
      if (whole) this.#waiting.shift()
      else first.bytes = first.bytes.subarray(part.length)
      const done = whole ? first.done : ignore
      if (part.length > 0 || last) this.#emit(part, last, done)
      else done()
    }
  }

  #finish(): void {
    this.#stopped = true
    this.#emit(nothing, true, ignore)
  }
}

const nothing = new Uint8Array(0)

function ignore(): void {}

function streamOver(): Error {
  return new Error('The stream is over: the other side hung up, or has all that it wanted.')
}
