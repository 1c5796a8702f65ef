import { END, FRAME_HEAD_BYTES, Kind, MAX_PACKET, PACKET, type ResetName, resetName } from './format.js'

/** Gets the frames of a packet in their order. A body may be a view of the packet. */
export interface FrameHandler {
  request(
    stream: number,
    deadline: number,
    method: string,
    url: string,
    headers: string[],
    body: Buffer,
    end: boolean,
  ): void
  response(
    stream: number,
    status: number,
    message: string,
    headers: string[],
    body: Buffer,
    end: boolean,
  ): void
  callerData(stream: number, body: Buffer, end: boolean): void
  serviceData(stream: number, body: Buffer, end: boolean): void
  callerReset(stream: number, why: ResetName): void
  serviceReset(stream: number, why: ResetName): void
  callerCredit(stream: number, bytes: number): void
  serviceCredit(stream: number, bytes: number): void
}

/** A packet that is not one: what follows the fault can not be read. */
export class PacketFault extends Error {}

export function isPacket(content: Buffer): boolean {
  return content[0] === PACKET
}

/** Throws a `PacketFault` at the first frame that is not one; those before it were handed out. Unknown kinds are passed over. */
export function readPacket(packet: Buffer, handler: FrameHandler): void {
  if (!isPacket(packet)) throw new PacketFault('it does not begin as a packet')
  if (packet.length > MAX_PACKET) throw new PacketFault(`it is larger than ${MAX_PACKET} bytes`)
  for (let at = 1; at < packet.length; ) {
    if (packet.length - at < FRAME_HEAD_BYTES) throw new PacketFault('a frame is cut off')
    const kind = packet[at] as number
    const stream = packet.readUInt32BE(at + 1)
    const length = packet.readUInt32BE(at + 5)
    const start = at + FRAME_HEAD_BYTES
    if (length > packet.length - start) throw new PacketFault('a frame is cut off')
    readFrame(kind & ~END, (kind & END) !== 0, stream, new Fields(packet, start, start + length), handler)
    at = start + length
  }
}

function readFrame(kind: number, end: boolean, stream: number, fields: Fields, handler: FrameHandler): void {
  switch (kind) {
    case Kind.request: {
      const deadline = fields.u32()
      const method = fields.text(fields.u16())
      const url = fields.text(fields.u32())
      handler.request(stream, deadline, method, url, fields.headers(), fields.rest(), end)
      return
    }
    case Kind.response: {
      const status = fields.u16()
      const message = fields.text(fields.u16())
      handler.response(stream, status, message, fields.headers(), fields.rest(), end)
      return
    }
    case Kind.callerData:
      handler.callerData(stream, fields.rest(), end)
      return
    case Kind.serviceData:
      handler.serviceData(stream, fields.rest(), end)
      return
    case Kind.callerReset:
      handler.callerReset(stream, resetName(fields.u16()))
      return
    case Kind.serviceReset:
      handler.serviceReset(stream, resetName(fields.u16()))
      return
    case Kind.callerCredit:
      handler.callerCredit(stream, fields.u32())
      return
    case Kind.serviceCredit:
      handler.serviceCredit(stream, fields.u32())
  }
}

/** The fields of one frame. Every length is held against what is there. */
class Fields {
  readonly #packet: Buffer
  readonly #end: number
  #at: number

  constructor(packet: Buffer, start: number, end: number) {
    this.#packet = packet
    this.#at = start
    this.#end = end
  }

  u16(): number {
    return this.#packet.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#packet.readUInt32BE(this.#take(4))
  }

  text(length: number): string {
    const start = this.#take(length)
    return this.#packet.toString('latin1', start, start + length)
  }

  headers(): string[] {
    const headers: string[] = []
    for (let left = this.u16(); left > 0; left--) headers.push(this.text(this.u16()), this.text(this.u32()))
    return headers
  }

  /** A view; or a copy, of what would keep a packet alive that is much larger than itself. */
  rest(): Buffer {
    const length = this.#end - this.#at
    if (length === 0) return nothing
    const view = this.#packet.subarray(this.#at, this.#end)
    return length * 4 < this.#packet.length ? Buffer.from(view) : view
  }

  #take(length: number): number {
    const start = this.#at
    if (length > this.#end - start) throw new PacketFault('a field is cut off')
    this.#at = start + length
    return start
  }
}

const nothing = Buffer.alloc(0)
