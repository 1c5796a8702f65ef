/** Takes an input apart into what a target needs. Beyond its end everything is zero or empty. */
export class Data {
  #bytes
  #at = 0

  constructor(bytes) {
    this.#bytes = bytes
  }

  get left() {
    return this.#bytes.length - this.#at
  }

  u8() {
    return this.#bytes[this.#at++] ?? 0
  }

  u16() {
    return (this.u8() << 8) | this.u8()
  }

  pick(list) {
    return list[this.u8() % list.length]
  }

  /** Length in two bytes, and so many bytes: a copy, as from a socket. */
  part() {
    const length = Math.min(this.u16(), Math.max(0, this.left))
    const start = this.#at
    this.#at += length
    return Buffer.from(this.#bytes.subarray(start, start + length))
  }

  rest() {
    const start = Math.min(this.#at, this.#bytes.length)
    this.#at = this.#bytes.length
    return Buffer.from(this.#bytes.subarray(start))
  }

  parts() {
    const parts = []
    while (this.left > 0) parts.push(this.part())
    return parts
  }
}

/** What `parts` takes apart. */
export function joined(...parts) {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part)
      return [Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]
    }),
  )
}
