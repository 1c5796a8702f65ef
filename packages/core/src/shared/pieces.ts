import { Queue } from './queue.js'

/** The memory of a piece beside its bytes: a `Buffer`, the memory that it is a view of, and its place in a list. */
export const PIECE_BYTES = 256

/** Smaller pieces are copied into one block with their neighbours. */
const SMALL_PIECE = 4096

/** A block doubles until it has this size. Then another block begins. */
const FIRST_BLOCK = 256
const MAX_BLOCK = 16 * 1024

const empty = Buffer.alloc(0)

/**
 * Bytes that wait, in their order. Small pieces are joined, so the memory is about as large as the bytes, however small the
 * pieces are.
 */
export class Pieces {
  readonly #pieces = new Queue<Buffer>()
  /** The joined small pieces. They come after all other pieces. */
  #block: Buffer = empty
  #used = 0
  #size = 0

  /** The number of bytes. */
  get size(): number {
    return this.#size
  }

  /** The number of pieces that `shift` gives. */
  get count(): number {
    return this.#pieces.size + (this.#used > 0 ? 1 : 0)
  }

  /** The memory that they take, in bytes. */
  get cost(): number {
    return this.#size + PIECE_BYTES * this.count
  }

  push(piece: Buffer): void {
    if (piece.length === 0) return
    this.#size += piece.length
    if (piece.length < SMALL_PIECE) {
      this.#join(piece)
      return
    }
    this.#close()
    this.#pieces.push(piece)
  }

  shift(): Buffer | undefined {
    if (this.#pieces.size === 0) this.#close()
    const piece = this.#pieces.shift()
    if (piece !== undefined) this.#size -= piece.length
    return piece
  }

  /** Takes all pieces as one. */
  take(): Buffer {
    this.#close()
    const [first = empty, ...rest] = this.#pieces.drain()
    const all = rest.length === 0 ? first : Buffer.concat([first, ...rest], this.#size)
    this.clear()
    return all
  }

  clear(): void {
    this.#pieces.clear()
    this.#block = empty
    this.#used = 0
    this.#size = 0
  }

  #join(piece: Buffer): void {
    const needed = this.#used + piece.length
    if (needed > this.#block.length) this.#makeRoom(needed)
    piece.copy(this.#block, this.#used)
    this.#used += piece.length
  }

  #makeRoom(needed: number): void {
    if (needed > MAX_BLOCK) {
      this.#close()
      this.#block = Buffer.allocUnsafe(SMALL_PIECE)
      return
    }
    const larger = Buffer.allocUnsafe(Math.min(MAX_BLOCK, Math.max(FIRST_BLOCK, needed * 2)))
    this.#block.copy(larger, 0, 0, this.#used)
    this.#block = larger
  }

  #close(): void {
    if (this.#used === 0) return
    this.#pieces.push(this.#block.subarray(0, this.#used))
    this.#block = empty
    this.#used = 0
  }
}
