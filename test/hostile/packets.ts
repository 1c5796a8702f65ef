// Sleuth's two wires by hand (docs/protocol.md), to be said wrongly as well.
import { gzipSync } from 'node:zlib'

/** Frames of wire 2; `END` is set in the last one with a body. */
export const Kind = {
  request: 0x01,
  response: 0x02,
  callerData: 0x03,
  serviceData: 0x04,
  callerReset: 0x05,
  serviceReset: 0x06,
  callerCredit: 0x07,
  serviceCredit: 0x08,
} as const
const END = 0x80

export function packet(...frames: Buffer[]): Buffer {
  return Buffer.concat([Buffer.of(2), ...frames])
}

export function packetFrame(kind: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head[0] = kind
  head.writeUInt32BE(stream, 1)
  head.writeUInt32BE(payload.length, 5)
  return Buffer.concat([head, payload])
}

/** Of a stream that nobody knows: it is read after all that came before it, and counted. */
export const strayFrame = packetFrame(Kind.callerReset, 1_000_000, Buffer.alloc(2))

interface RequestParts {
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: Buffer
  readonly end?: boolean
}

/** A PUT, so that there may be a body; more of it follows unless it is told. */
export function request(stream: number, url: string, { headers = [], body, end }: RequestParts = {}): Buffer {
  const parts = [Buffer.alloc(4), u16(3), Buffer.from('PUT'), u32(url.length), Buffer.from(url)]
  parts.push(u16(headers.length))
  for (const [name, value] of headers) {
    parts.push(u16(name.length), Buffer.from(name), u32(value.length), Buffer.from(value))
  }
  if (body !== undefined) parts.push(body)
  return packetFrame(end ? Kind.request | END : Kind.request, stream, Buffer.concat(parts))
}

function u16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff)
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A message of wire 1. */
export function message(action: 'REPL' | 'RECV', json: unknown): Buffer {
  const text = Buffer.isBuffer(json) ? json : JSON.stringify(json)
  return Buffer.concat([Buffer.from(`SLEUTH-v1${action}`), gzipSync(text)])
}

/** A request of wire 1, as it ought to be. */
export function asking(id: Buffer, changed: Record<string, unknown> = {}): Buffer {
  const destination = id.toString('hex').toUpperCase()
  return message('REPL', { destination, handle: '1', method: 'GET', url: '/', header: {}, ...changed })
}
