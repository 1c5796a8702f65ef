import type { ResetReason } from '../transport.js'
import { END, FRAME_HEAD_BYTES, Kind, MAX_HEAD, PACKET, ResetCode } from './format.js'

/** Packets are cut from a slab, each new one twice as large as the one before, within these bounds. */
const FIRST_SLAB = 1024
const LARGEST_SLAB = 64 * 1024

/** Up to here a loop is faster than a call into Node. */
const SHORT_TEXT = 32

/** Header lists up to this many bytes are kept, encoded, in case the next message has the same. */
const SMALL_HEADERS = 512

/** A header list, and its bytes. */
interface Encoded {
  readonly headers: readonly string[]
  readonly bytes: Uint8Array
}

/** What was encoded last, of whatever session: most requests to a service, and most of its responses, repeat it. */
const last: { request: Encoded; response: Encoded } = {
  request: { headers: [], bytes: new Uint8Array(2) },
  response: { headers: [], bytes: new Uint8Array(2) },
}

/** Builds a packet. Text is latin1, as in HTTP: who writes it has checked that it is. */
export class PacketWriter {
  /** Bytes in the packet so far. Read only. */
  size = 0
  /** The body of the last frame, if it is not copied: it follows the packet, which is to be taken before the next frame. */
  tail: Uint8Array | undefined
  readonly #maxCopied: number
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SLAB)
  /** Where the packet begins, and where its next byte goes. */
  #start = 0
  #at = 0
  /** Where the last frame begins that further data of its stream may be added to; -1 for none. */
  #data = -1

  /** `maxCopied`: a body of more bytes becomes the tail of its packet. */
  constructor(maxCopied = Infinity) {
    this.#maxCopied = maxCopied
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
    const fields = encode('request', headers)
    const head = 4 + 2 + method.length + 4 + url.length + fields.length
    if (head > MAX_HEAD) return false
    this.#open(Kind.request, stream, head, body.length, end)
    const bytes = this.#bytes
    let at = bytes.writeUInt32BE(deadline, this.#at)
    at = writeText(bytes, method, bytes.writeUInt16BE(method.length, at))
    at = writeText(bytes, url, bytes.writeUInt32BE(url.length, at))
    bytes.set(fields, at)
    this.#at = at + fields.length
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
    const fields = encode('response', headers)
    const head = 2 + 2 + message.length + fields.length
    if (head > MAX_HEAD) return false
    this.#open(Kind.response, stream, head, body.length, end)
    const bytes = this.#bytes
    let at = bytes.writeUInt16BE(status, this.#at)
    at = writeText(bytes, message, bytes.writeUInt16BE(message.length, at))
    bytes.set(fields, at)
    this.#at = at + fields.length
    this.#body(body)
    return true
  }

  data(by: 'caller' | 'service', stream: number, body: Uint8Array, end: boolean): void {
    this.#open(dataKind(by), stream, 0, body.length, end)
    this.#data = end ? -1 : this.#at - FRAME_HEAD_BYTES
    this.#body(body)
  }

  /** Data that goes into the last frame, if that is data of the same stream: who writes byte by byte sends no frame for each. */
  append(by: 'caller' | 'service', stream: number, body: Uint8Array, end: boolean): void {
    const isCopied = body.length <= this.#maxCopied
    if (isCopied && this.#extend(dataKind(by), stream, body.length, end)) this.#body(body)
    else this.data(by, stream, body, end)
  }

  reset(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.#open(by === 'caller' ? Kind.callerReset : Kind.serviceReset, stream, 2, 0, false)
    this.#at = this.#bytes.writeUInt16BE(ResetCode[why], this.#at)
    this.size = this.#at - this.#start
  }

  credit(by: 'caller' | 'service', stream: number, bytes: number): void {
    this.#open(by === 'caller' ? Kind.callerCredit : Kind.serviceCredit, stream, 4, 0, false)
    this.#at = this.#bytes.writeUInt32BE(bytes, this.#at)
    this.size = this.#at - this.#start
  }

  /** A frame that concerns no stream. `number` stands where others have their stream. */
  control(kind: number, number: number, payload: Uint8Array): void {
    this.#open(kind, number, 0, payload.length, false)
    this.#body(payload)
  }

  /** The frames of a packet that another writer has made. */
  frame(packet: Uint8Array): void {
    const frame = packet.subarray(1)
    this.#data = -1
    this.#reserve(1 + frame.length)
    if (this.#at === this.#start) this.#bytes[this.#at++] = PACKET
    this.#body(frame, true)
  }

  /** The packet as it is, to be copied: more may follow. */
  peek(): Buffer {
    return this.#bytes.subarray(this.#start, this.#at)
  }

  /**
   * The packet, without its tail; the writer begins a new one. The bytes are not touched any more: they may be on their way
   * for a while.
   */
  take(): Buffer {
    const packet = this.#bytes.subarray(this.#start, this.#at)
    this.#start = this.#at
    this.#data = -1
    this.size = 0
    this.tail = undefined
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

  /** A frame of so many bytes, and of a body behind them. */
  #open(kind: number, stream: number, bytes: number, body: number, end: boolean): void {
    const length = bytes + body
    this.#data = -1
    this.#reserve(1 + FRAME_HEAD_BYTES + (body > this.#maxCopied ? bytes : length))
    if (this.#at === this.#start) this.#bytes[this.#at++] = PACKET
    this.#bytes[this.#at++] = end ? kind | END : kind
    this.#at = this.#bytes.writeUInt32BE(length, this.#bytes.writeUInt32BE(stream, this.#at))
  }

  #body(body: Uint8Array, isCopied = body.length <= this.#maxCopied): void {
    if (!isCopied) {
      this.tail = body
    } else if (body.length > 0) {
      this.#bytes.set(body, this.#at)
      this.#at += body.length
    }
    this.size = this.#at - this.#start
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const size = this.#at - this.#start
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

/** The bytes of a header list. Small ones are kept, in memory of their own, for the next message. */
function encode(kind: 'request' | 'response', headers: readonly string[]): Uint8Array {
  const known = last[kind]
  const { length } = headers
  let same = 0
  if (length === known.headers.length) while (same < length && headers[same] === known.headers[same]) same++
  if (same === length && length === known.headers.length) return known.bytes
  const bytes = Buffer.allocUnsafeSlow(headersLength(headers))
  writeHeaders(bytes, headers)
  if (bytes.length <= SMALL_HEADERS) last[kind] = { headers: [...headers], bytes }
  return bytes
}

function writeHeaders(bytes: Buffer, headers: readonly string[]): void {
  let at = bytes.writeUInt16BE(headers.length / 2, 0)
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    at = writeText(bytes, name, bytes.writeUInt16BE(name.length, at))
    at = writeText(bytes, value, bytes.writeUInt32BE(value.length, at))
  }
}

/** Gives where the next byte goes, as Node's own methods do. */
function writeText(bytes: Buffer, text: string, start: number): number {
  const { length } = text
  if (length > SHORT_TEXT) return start + bytes.write(text, start, 'latin1')
  for (let i = 0; i < length; i++) bytes[start + i] = text.charCodeAt(i)
  return start + length
}

function headersLength(headers: readonly string[]): number {
  let length = 2
  for (let i = 0; i < headers.length; i += 2) {
    length += 6 + (headers[i] as string).length + (headers[i + 1] as string).length
  }
  return length
}
