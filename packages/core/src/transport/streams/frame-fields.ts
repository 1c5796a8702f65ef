import { copyOf, WORTH_OWNING } from '../../shared/owned-memory.js'
import { PacketFault } from './packet-fault.js'

interface Head {
  /** The method of a request, the message of a response. */
  readonly first: string
  readonly url: string
  readonly headers: string[]
}

/** A body smaller than this part of a packet as large as `WORTH_COPYING` is copied: it may be kept, and the packet not. */
const SMALL_PART = 1 / 2
const WORTH_COPYING = 1024

/** V8 copies a shorter part of a text. A longer one is a slice, and keeps all of the text. */
const SHORTEST_SLICE = 13
/** A text up to this length may be kept for a part of it. */
const SMALL_TEXT = 512

/** A header list, and its bytes as text: their count first, so never empty. */
interface Decoded {
  readonly text: string
  readonly headers: readonly string[]
}

/** What was decoded last, of whatever session: most requests to a service, and most of its responses, repeat it. */
const last: { request: Decoded; response: Decoded } = {
  request: { text: '\0\0', headers: [] },
  response: { text: '\0\0', headers: [] },
}

/** The fields of one frame after the other. Every length is held against what is there. */
export class FrameFields {
  readonly #packet: Buffer
  readonly #isLent: boolean
  #start = 0
  #at = 0
  #end = 0

  /** `isLent`: the memory of the packet is used again once the frame is handed out. */
  constructor(packet: Buffer, isLent = false) {
    this.#packet = packet
    this.#isLent = isLent
  }

  open(start: number, end: number): void {
    this.#start = start
    this.#at = start
    this.#end = end
  }

  /** Bytes of the frame that were read. */
  get read(): number {
    return this.#at - this.#start
  }

  /** Bytes of the frame that were not read. */
  get left(): number {
    return this.#end - this.#at
  }

  u16(): number {
    const at = this.#at
    this.#at = at + 2
    if (this.#at > this.#end) throw cutOff()
    return this.#packet.readUInt16BE(at)
  }

  u32(): number {
    const at = this.#at
    this.#at = at + 4
    if (this.#at > this.#end) throw cutOff()
    return this.#packet.readUInt32BE(at)
  }

  /** Its text is decoded as a whole, lengths and all, and then cut: that takes half as long as a call for each field. */
  head(kind: 'request' | 'response'): Head {
    const packet = this.#packet
    const end = this.#end
    const start = this.#at
    const hasUrl = kind === 'request'
    let fields = start + 2
    if (fields <= end) fields += packet.readUInt16BE(start)
    if (hasUrl) {
      fields += 4
      if (fields <= end) fields += packet.readUInt32BE(fields - 4)
    }
    if (fields > end) throw cutOff()
    const repeated = this.#repeated(start, fields, kind)
    if (repeated !== undefined) return repeated
    this.#at = this.#endOfHeaders(fields)
    const text = packet.toString('latin1', start, this.#at)
    let at = start
    const cut = (lengthBytes: 2 | 4) => {
      const length = lengthBytes === 2 ? packet.readUInt16BE(at) : packet.readUInt32BE(at)
      at += lengthBytes + length
      // A handler may keep a part, and not the whole.
      if (length >= SHORTEST_SLICE && text.length > SMALL_TEXT)
        return packet.toString('latin1', at - length, at)
      return text.slice(at - start - length, at - start)
    }
    const first = cut(2)
    const url = hasUrl ? cut(4) : ''
    at += 2
    const headers: string[] = []
    for (let left = packet.readUInt16BE(fields); left > 0; left--) headers.push(cut(2), cut(4))
    if (text.length <= SMALL_TEXT) last[kind] = { text: text.slice(fields - start), headers: [...headers] }
    return { first, url, headers }
  }

  #endOfHeaders(start: number): number {
    const packet = this.#packet
    const end = this.#end
    let at = start + 2
    if (at > end) throw cutOff()
    for (let left = packet.readUInt16BE(start); left > 0; left--) {
      at += 2
      if (at <= end) at += packet.readUInt16BE(at - 2)
      at += 4
      if (at <= end) at += packet.readUInt32BE(at - 4)
      if (at > end) throw cutOff()
    }
    return at
  }

  /** The head, if its headers are those of the one before, as mostly they are: what is the same is not cut again. */
  #repeated(start: number, fields: number, kind: 'request' | 'response'): Head | undefined {
    const known = last[kind]
    const end = fields + known.text.length
    if (end > this.#end || end - start > SMALL_TEXT) return undefined
    const text = this.#packet.toString('latin1', start, end)
    if (text.slice(fields - start) !== known.text) return undefined
    this.#at = end
    const firstEnd = 2 + this.#packet.readUInt16BE(start)
    return {
      first: text.slice(2, firstEnd),
      url: kind === 'request' ? text.slice(firstEnd + 4, fields - start) : '',
      headers: [...known.headers],
    }
  }

  /**
   * A view; or a copy, of lent memory, and of what would keep a packet alive that is much larger than itself. `into`: memory
   * for all of it, where it is copied in any case.
   */
  rest(into?: Buffer): Buffer {
    const length = this.#end - this.#at
    if (length === 0) return nothing
    if (into !== undefined) {
      this.#packet.copy(into, 0, this.#at, this.#end)
      return into
    }
    const view = this.#packet.subarray(this.#at, this.#end)
    const total = this.#packet.length
    const isCopied = this.#isLent || (total > WORTH_COPYING && length < total * SMALL_PART)
    if (!isCopied) return view
    return length < WORTH_OWNING ? Buffer.from(view) : copyOf(view)
  }
}

function cutOff(): PacketFault {
  return new PacketFault('a field is cut off')
}

const nothing = Buffer.alloc(0)
