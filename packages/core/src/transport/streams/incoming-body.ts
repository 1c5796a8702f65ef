import type { Windows } from '../../shared/limits.js'
import { Pieces } from '../../shared/pieces.js'
import { ReceiveWindow } from './receive-window.js'
import type { WindowBudget } from './window-budget.js'

/** Bytes that are set aside for a body before they come, as its length is only what the peer says. */
const MAX_PLACED = 16 * 1024 * 1024

/** A response's body as it comes in: read by one reader, who is never further behind than a window. */
export class Body {
  readonly #receiver: ReceiveWindow
  readonly #cancel: () => void
  readonly #pieces = new Pieces()
  /** Where all of a body of known length is gathered. */
  #memory: Buffer | undefined
  #size = 0
  /** What it has to come to. `Infinity`: whatever it does. */
  #length = Infinity
  #ended = false
  #error: unknown
  #wake: (() => void) | undefined

  /** `cancel` tells the service that nobody reads any more. */
  constructor(
    addCredit: (bytes: number) => void,
    budget: WindowBudget,
    windows: Windows,
    cancel: () => void,
  ) {
    this.#receiver = new ReceiveWindow(addCredit, budget, windows)
    this.#cancel = cancel
  }

  /** False when more has come already. */
  expect(length: number): boolean {
    this.#length = length
    return this.#size <= length
  }

  get isWhole(): boolean {
    return this.#length === Infinity || this.#size === this.#length
  }

  /** False when more came than was allowed. */
  push(chunk: Buffer): boolean {
    this.#size += chunk.length
    if (!this.#receiver.received(chunk.length) || this.#size > this.#length) return false
    if (this.#memory !== undefined) {
      this.#receiver.read(chunk.length)
      return true
    }
    this.#pieces.push(chunk)
    this.#wake?.()
    return true
  }

  /** Memory for the next bytes, if the body is gathered: they are to be pushed. */
  place(length: number): Buffer | undefined {
    const end = this.#size + length
    if (this.#memory === undefined || end > this.#memory.length) return undefined
    return this.#memory.subarray(this.#size, end)
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The stream is over: the service sends nothing more. */
  close(): void {
    this.#receiver.close()
  }

  /** What came before is read first. */
  fail(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake?.()
  }

  /** As `fail`, but at once. */
  abort(reason: unknown): void {
    if (this.#ended) return
    this.#pieces.clear()
    this.fail(reason)
  }

  /** The next chunk, or undefined at the end. */
  async read(): Promise<Buffer | undefined> {
    while (this.#pieces.size === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const chunk = this.#pieces.shift()
    if (chunk === undefined) {
      if (this.#error !== undefined) throw this.#error
      return undefined
    }
    if (!this.#ended) this.#receiver.read(chunk.length)
    return chunk
  }

  cancel(): void {
    this.#pieces.clear()
    if (!this.#ended) this.#cancel()
    this.#ended = true
    this.#wake?.()
  }

  /** The whole body. `tooLarge` makes the error of one above the limit. */
  async gather(limit: number, tooLarge: () => unknown): Promise<Buffer> {
    if (this.#length <= Math.min(limit, MAX_PLACED) && !this.#ended)
      return this.#gatherInto(Buffer.allocUnsafeSlow(this.#length))
    const chunks: Buffer[] = []
    let size = 0
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) {
      size += chunk.length
      if (size > limit) {
        this.cancel()
        throw tooLarge()
      }
      chunks.push(chunk)
    }
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)
  }

  /** What comes from now on is copied where it belongs, once. */
  async #gatherInto(memory: Buffer): Promise<Buffer> {
    let at = 0
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      at += piece.copy(memory, at)
      this.#receiver.read(piece.length)
    }
    this.#memory = memory
    // Nothing of it waits: this resolves at the end.
    await this.read()
    return memory
  }

  /** Who may still ask for more of it. Undefined: somebody reads it to its end. */
  heldBy(holder: object | undefined): void {
    dropped.unregister(this)
    if (holder !== undefined) dropped.register(holder, this, this)
  }
}

/** A response that nobody holds any more will not be read: as with `fetch`, that ends it. */
const dropped = new FinalizationRegistry<Body>((body) => body.cancel())
