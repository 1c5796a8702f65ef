import { END, FRAME_HEAD_BYTES, MAX_FRAMES, MAX_PACKET, PACKET } from './format.js'
import { FrameFields } from './frame-fields.js'
import { type FrameHandler, readFrame } from './frame-handler.js'
import { PacketFault } from './packet-fault.js'

export function isPacket(content: Buffer): boolean {
  return content[0] === PACKET
}

/** All of a packet at once. Throws as `PacketReader.read` does. */
export function readPacket(packet: Buffer, handler: FrameHandler): void {
  new PacketReader(packet).read(handler, () => true)
}

/** Frames after which the reader asks whether it may go on; bytes of a frame that count as another one. */
const FRAMES_AT_ONCE = 16
const FRAME_BYTES = 1024

/** Reads a packet, a part at a time. Unknown kinds are passed over. */
export class PacketReader {
  readonly #packet: Buffer
  readonly #fields: FrameFields
  #at = 0
  #frames = 0

  constructor(packet: Buffer) {
    this.#packet = packet
    this.#fields = new FrameFields(packet)
  }

  /**
   * Whether it is read to its end. If not, since `mayGoOn` has said no, the next call goes on where this one ended. Throws a
   * `PacketFault` at the first frame that is not one; those before it were handed out.
   */
  read(handler: FrameHandler, mayGoOn: () => boolean): boolean {
    const packet = this.#packet
    const fields = this.#fields
    if (this.#at === 0) this.#begin()
    let work = 0
    while (this.#at < packet.length) {
      if (work >= FRAMES_AT_ONCE) {
        if (!mayGoOn()) return false
        work = 0
      }
      const at = this.#at
      if (packet.length - at < FRAME_HEAD_BYTES) throw new PacketFault('a frame is cut off')
      if (++this.#frames > MAX_FRAMES) throw new PacketFault(`it has more than ${MAX_FRAMES} frames`)
      const kind = packet[at] as number
      const stream = packet.readUInt32BE(at + 1)
      const length = packet.readUInt32BE(at + 5)
      const start = at + FRAME_HEAD_BYTES
      if (length > packet.length - start) throw new PacketFault('a frame is cut off')
      this.#at = start + length
      work += 1 + Math.floor(length / FRAME_BYTES)
      fields.open(start, this.#at)
      readFrame(kind & ~END, (kind & END) !== 0, stream, fields, handler)
    }
    return true
  }

  #begin(): void {
    const { length } = this.#packet
    if (!isPacket(this.#packet)) throw new PacketFault('it does not begin as a packet')
    if (length > MAX_PACKET) throw new PacketFault(`it is larger than ${MAX_PACKET} bytes`)
    this.#at = 1
  }
}
