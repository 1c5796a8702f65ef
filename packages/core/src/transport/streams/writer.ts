import { END, FRAME_HEAD_BYTES, Kind, MAX_HEAD, PACKET, ResetCode, type ResetName } from './format.js'

/** Packets are cut from a slab, each new one twice as large as the one before, within these bounds. */
const FIRST_SLAB = 1024
const LARGEST_SLAB = 64 * 1024

/** Up to here a loop is faster than a call into Node. */
const SHORT_TEXT = 32

/** Builds a packet. Text is latin1, as in HTTP: who writes it has checked that it is. */
export class PacketWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_SLAB)
  /** Where the packet begins, and where its next byte goes. */
  #start = 0
  #at = 0
  /** Where the last frame begins that further data of its stream may be added to; -1 for none. */
  #data = -1

  /** Bytes in the packet so far. */
  get size(): number {
    return this.#at - this.#start
  }

  /** `deadline`: milliseconds that are left to answer; 0 for no limit. False if the head is too large: nothing is written. */
  request(
    stream: number,
    deadline: number,
    method: string,
    url: string,
    headers: readonly string[],
    body: Uint8Array,
    end: boolean,
  ): boolean {
    const head = 4 + 2 + method.length + 4 + url.length + headersLength(headers)
    if (head > MAX_HEAD) return false
    this.#open(Kind.request, stream, head + body.length, end)
    this.#u32(deadline)
    this.#text16(method)
    this.#text32(url)
    this.#headers(headers)
    this.#body(body)
    return true
  }

  /** False if the head is too large: nothing is written. */
  response(
    stream: number,
    status: number,
    message: string,
    headers: readonly string[],
    body: Uint8Array,
    end: boolean,
  ): boolean {
    const head = 2 + 2 + message.length + headersLength(headers)
    if (head > MAX_HEAD) return false
    this.#open(Kind.response, stream, head + body.length, end)
    this.#u16(status)
    this.#text16(message)
    this.#headers(headers)
    this.#body(body)
    return true
  }

  data(by: 'caller' | 'service', stream: number, body: Uint8Array, end: boolean): void {
    this.#open(dataKind(by), stream, body.length, end)
    this.#data = end ? -1 : this.#at - FRAME_HEAD_BYTES
    this.#body(body)
  }

  /** Data that goes into the last frame, if that is data of the same stream: who writes byte by byte sends no frame for each. */
  append(by: 'caller' | 'service', stream: number, body: Uint8Array, end: boolean): void {
    if (this.#extend(dataKind(by), stream, body.length, end)) this.#body(body)
    else this.data(by, stream, body, end)
  }

  reset(by: 'caller' | 'service', stream: number, why: ResetName): void {
    this.#open(by === 'caller' ? Kind.callerReset : Kind.serviceReset, stream, 2, false)
    this.#u16(ResetCode[why])
  }

  credit(by: 'caller' | 'service', stream: number, bytes: number): void {
    this.#open(by === 'caller' ? Kind.callerCredit : Kind.serviceCredit, stream, 4, false)
    this.#u32(bytes)
  }

  /** A frame that another writer has made a packet of, alone. */
  frame(packet: Uint8Array): void {
    const frame = packet.subarray(1)
    this.#data = -1
    this.#reserve(1 + frame.length)
    if (this.#at === this.#start) this.#bytes[this.#at++] = PACKET
    this.#body(frame)
  }

  /** The packet; the writer begins a new one. The bytes are not touched any more: they may be on their way for a while. */
  take(): Buffer {
    const packet = this.#bytes.subarray(this.#start, this.#at)
    this.#start = this.#at
    this.#data = -1
    return packet
  }

  /** Whether the last frame can take it. Its head is changed then, and its body is to follow. */
  #extend(kind: number, stream: number, length: number, end: boolean): boolean {
    if (this.#data === -1) return false
    const bytes = this.#bytes
    if (bytes[this.#data] !== kind || bytes.readUInt32BE(this.#data + 1) !== stream) return false
    this.#reserve(length)
    const at = this.#data
    this.#bytes[at] = end ? kind | END : kind
    this.#bytes.writeUInt32BE(this.#bytes.readUInt32BE(at + 5) + length, at + 5)
    if (end) this.#data = -1
    return true
  }

  #open(kind: number, stream: number, length: number, end: boolean): void {
    this.#data = -1
    this.#reserve(1 + FRAME_HEAD_BYTES + length)
    if (this.#at === this.#start) this.#bytes[this.#at++] = PACKET
    this.#bytes[this.#at++] = end ? kind | END : kind
    this.#u32(stream)
    this.#u32(length)
  }

  #headers(headers: readonly string[]): void {
    this.#u16(headers.length / 2)
    for (let i = 0; i < headers.length; i += 2) {
      this.#text16(headers[i] as string)
      this.#text32(headers[i + 1] as string)
    }
  }

  #u16(value: number): void {
    this.#bytes[this.#at++] = value >>> 8
    this.#bytes[this.#at++] = value
  }

  #u32(value: number): void {
    const bytes = this.#bytes
    bytes[this.#at++] = value >>> 24
    bytes[this.#at++] = value >>> 16
    bytes[this.#at++] = value >>> 8
    bytes[this.#at++] = value
  }

  #text16(text: string): void {
    this.#u16(text.length)
    this.#text(text)
  }

  #text32(text: string): void {
    this.#u32(text.length)
    this.#text(text)
  }

  #text(text: string): void {
    const bytes = this.#bytes
    const { length } = text
    let at = this.#at
    if (length <= SHORT_TEXT) for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i)
    else at += bytes.write(text, at, 'latin1')
    this.#at = at
  }

  #body(body: Uint8Array): void {
    if (body.length === 0) return
    this.#bytes.set(body, this.#at)
    this.#at += body.length
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const { size } = this
    const slab = Math.min(LARGEST_SLAB, this.#bytes.length * 2)
    // A packet that has outgrown its slab is likely to grow on.
    const larger = Buffer.allocUnsafeSlow(Math.max(slab, size === 0 ? more : (size + more) * 2))
    this.#bytes.copy(larger, 0, this.#start, this.#at)
    this.#bytes = larger
    if (this.#data !== -1) this.#data -= this.#start
    this.#start = 0
    this.#at = size
  }
}

function dataKind(by: 'caller' | 'service'): number {
  return by === 'caller' ? Kind.callerData : Kind.serviceData
}

function headersLength(headers: readonly string[]): number {
  let length = 2
  for (let i = 0; i < headers.length; i += 2) {
    length += 6 + (headers[i] as string).length + (headers[i + 1] as string).length
  }
  return length
}
