/**
 * The field types of RFC 36: numbers big-endian; a short string has a 1-byte length, a long string a 4-byte one.
 * Lengths come from the network: each is held against the bytes that are there before anything is allocated for it.
 */
export class FieldReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  shortString(): string {
    return this.#text(this.u8())
  }

  longString(): string {
    return this.#text(this.#u32())
  }

  /** How many entries follow, each of at least `entryBytes`. More than could be there is a fault at once, not after a loop. */
  count(entryBytes: number, limit: number): number {
    const count = this.#u32()
    if (count > limit || count * entryBytes > this.#bytes.length - this.#at) throw new FieldFault()
    return count
  }

  #u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  #text(length: number): string {
    const start = this.#take(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw new FieldFault()
    this.#at = start + length
    return start
  }
}

/** A length that points past the end, or a count that can't be. */
export class FieldFault extends Error {}

export class FieldWriter {
  readonly #parts: Buffer[] = []

  u8(value: number): this {
    this.#parts.push(Buffer.of(value & 0xff))
    return this
  }

  u16(value: number): this {
    const bytes = Buffer.alloc(2)
    bytes.writeUInt16BE(value)
    this.#parts.push(bytes)
    return this
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    this.#parts.push(bytes)
    return this
  }

  shortString(text: string): this {
    const bytes = Buffer.from(text)
    if (bytes.length > 0xff) throw new RangeError(`"${text.slice(0, 40)}…" is longer than 255 bytes`)
    this.u8(bytes.length)
    this.#parts.push(bytes)
    return this
  }

  longString(text: string): this {
    const bytes = Buffer.from(text)
    this.u32(bytes.length)
    this.#parts.push(bytes)
    return this
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
