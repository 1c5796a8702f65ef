// ZMTP 3.0 (RFC 23) by hand, to be said wrongly as well.

/** Signature, version, NULL, no server, filler. */
export const greeting = Buffer.concat([
  Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]),
  Buffer.from('NULL'.padEnd(20, '\0')),
  Buffer.alloc(32),
])

const Flag = { more: 1, long: 2, command: 4 } as const

export function ready(type: string, identity: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from('\x05READY', 'latin1'),
    property('Socket-Type', Buffer.from(type)),
    property('Identity', identity),
  ])
  return command(body)
}

function property(name: string, value: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(value.length)
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), size, value])
}

export function frame(body: Buffer, more = false): Buffer {
  if (body.length < 256) return Buffer.concat([Buffer.of(more ? Flag.more : 0, body.length), body])
  return Buffer.concat([frameHead(body.length, more), body])
}

export function command(body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(Flag.command, body.length), body])
}

/** Of a frame that is as long as it says, or not. */
export function frameHead(length: number, more = false): Buffer {
  const head = Buffer.alloc(9)
  head[0] = Flag.long | (more ? Flag.more : 0)
  head.writeBigUInt64BE(BigInt(length), 1)
  return head
}

export interface Frame {
  readonly command: boolean
  readonly more: boolean
  readonly body: Buffer
}

/** What comes after a greeting, frame by frame. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  #greeted = false

  read(bytes: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (!this.#greeted) {
      if (this.#rest.length < greeting.length) return []
      this.#rest = this.#rest.subarray(greeting.length)
      this.#greeted = true
    }
    const frames: Frame[] = []
    for (let next = this.#next(); next !== undefined; next = this.#next()) frames.push(next)
    return frames
  }

  #next(): Frame | undefined {
    const rest = this.#rest
    const flags = rest[0] ?? 0
    const long = (flags & Flag.long) !== 0
    const start = long ? 9 : 2
    if (rest.length < start) return undefined
    const end = start + (long ? Number(rest.readBigUInt64BE(1)) : (rest[1] as number))
    if (rest.length < end) return undefined
    this.#rest = rest.subarray(end)
    return {
      command: (flags & Flag.command) !== 0,
      more: (flags & Flag.more) !== 0,
      body: rest.subarray(start, end),
    }
  }
}
