import { END, FRAME_HEAD_BYTES, Kind, MAX_FRAME } from '../streams/format.js'
import { FrameFields } from '../streams/frame-fields.js'
import { type FrameHandler, readFrame } from '../streams/frame-handler.js'
import { PacketFault } from '../streams/packet-fault.js'

/** Frames after which the reader asks whether it may go on; bytes that count as another one. */
const FRAMES_AT_ONCE = 16
const FRAME_BYTES = 1024

/** A frame of which a part is still to come. */
interface Gathered {
  readonly bytes: Buffer
  filled: number
}

/** A data frame whose body is handed out as it comes. */
interface Flowing {
  readonly kind: number
  readonly stream: number
  readonly end: boolean
  left: number
}

/**
 * Reads frames from the chunks that a connection gives, wherever they are cut. The body of a data frame is handed out in as
 * many parts as it comes in, so that nothing of it waits; any other frame is gathered first. Unknown kinds are passed over.
 */
export class FrameReader {
  #chunk: Buffer = nothing
  #isLent = false
  #at = 0
  #fields = new FrameFields(nothing)
  #work = 0
  #head: Gathered | undefined
  #frame: Gathered | undefined
  #flowing: Flowing | undefined

  /** The next chunk, after all of the one before is read. `isLent`: its bytes are copied where they are handed out. */
  push(chunk: Buffer, isLent = false): void {
    this.#chunk = chunk
    this.#isLent = isLent
    this.#fields = new FrameFields(chunk, isLent)
    this.#at = 0
  }

  /** Somebody else needs the memory of the chunk: copies what is not read of it. */
  keep(): void {
    if (this.#isLent) this.push(Buffer.from(this.#chunk.subarray(this.#at)))
  }

  /**
   * Whether the chunk is read to its end. If not, since `mayGoOn` has said no, the next call goes on where this one ended.
   * Throws a `PacketFault` at the first frame that is not one; those before it were handed out.
   */
  read(handler: FrameHandler, mayGoOn: () => boolean): boolean {
    const { length } = this.#chunk
    while (this.#at < length) {
      if (this.#work >= FRAMES_AT_ONCE) {
        if (!mayGoOn()) return false
        this.#work = 0
      }
      if (this.#flowing !== undefined) this.#flow(this.#flowing, handler)
      else if (this.#frame !== undefined) this.#gatherFrame(this.#frame, handler)
      else if (this.#head !== undefined || length - this.#at < FRAME_HEAD_BYTES) this.#gatherHead(handler)
      else {
        const at = this.#at
        this.#at = at + FRAME_HEAD_BYTES
        this.#begin(this.#chunk, at, handler)
      }
    }
    return true
  }

  /** A head that is here as a whole, and perhaps what follows it. */
  #begin(bytes: Buffer, at: number, handler: FrameHandler): void {
    const kind = bytes[at] as number
    const stream = bytes.readUInt32BE(at + 1)
    const length = bytes.readUInt32BE(at + 5)
    if (length > MAX_FRAME) throw new PacketFault(`a frame is larger than ${MAX_FRAME} bytes`)
    const start = this.#at
    this.#work += 1 + Math.floor(length / FRAME_BYTES)
    const plain = kind & ~END
    const end = (kind & END) !== 0
    if (length <= this.#chunk.length - start) {
      this.#at = start + length
      this.#fields.open(start, this.#at)
      readFrame(plain, end, stream, this.#fields, handler)
    } else if (plain === Kind.callerData || plain === Kind.serviceData) {
      this.#flowing = { kind: plain, stream, end, left: length }
    } else {
      const frame = Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES + length)
      bytes.copy(frame, 0, at, at + FRAME_HEAD_BYTES)
      this.#frame = { bytes: frame, filled: FRAME_HEAD_BYTES }
    }
  }

  #gatherHead(handler: FrameHandler): void {
    this.#head ??= { bytes: Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES), filled: 0 }
    if (!this.#gather(this.#head)) return
    const { bytes } = this.#head
    this.#head = undefined
    this.#begin(bytes, 0, handler)
  }

  #gatherFrame(frame: Gathered, handler: FrameHandler): void {
    if (!this.#gather(frame)) return
    this.#frame = undefined
    const { bytes } = frame
    const kind = bytes[0] as number
    const fields = new FrameFields(bytes)
    fields.open(FRAME_HEAD_BYTES, bytes.length)
    readFrame(kind & ~END, (kind & END) !== 0, bytes.readUInt32BE(1), fields, handler)
  }

  /** Takes what the chunk has of it; whether that is all. */
  #gather(gathered: Gathered): boolean {
    const { bytes, filled } = gathered
    const copied = this.#chunk.copy(bytes, filled, this.#at)
    this.#at += copied
    gathered.filled += copied
    return gathered.filled === bytes.length
  }

  #flow(flowing: Flowing, handler: FrameHandler): void {
    const start = this.#at
    this.#at = Math.min(this.#chunk.length, start + flowing.left)
    flowing.left -= this.#at - start
    const isLast = flowing.left === 0
    if (isLast) this.#flowing = undefined
    this.#fields.open(start, this.#at)
    readFrame(flowing.kind, isLast && flowing.end, flowing.stream, this.#fields, handler)
  }
}

const nothing = Buffer.alloc(0)
