import { invalidInValue, token } from '../http/headers.js'
import { patternProblem, topicProblem } from './topic.js'

/** The kinds of frames that carry events. `docs/protocol.md` has their bytes. */
export const EventKind = {
  topics: 0x20,
  event: 0x21,
} as const

/** The most headers of an event. */
const MAX_HEADERS = 64
/** The most bytes of an event beside its data. */
export const MAX_HEAD = 16 * 1024
/** The most bytes of a frame of topics. */
export const MAX_TOPICS = 256 * 1024

/** An event as it travels. */
export interface WireEvent {
  /** Which of its sender's events it is: each has a higher one. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly topic: string
  /** Names in lower case and values alternate. */
  readonly headers: readonly string[]
  readonly data: Uint8Array
}

const NUMBER_BYTES = 6
const MAX_VALUE = 65_535

/** All patterns of a node, each once. */
export function encodeTopics(patterns: readonly string[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeUInt16BE(patterns.length)
  const parts = [count]
  for (const pattern of patterns) {
    const text = Buffer.from(pattern)
    parts.push(Buffer.of(text.length), text)
  }
  return Buffer.concat(parts)
}

/** Undefined for bytes that are none. What follows the last pattern belongs to a later version, and is passed over. */
export function decodeTopics(bytes: Buffer): string[] | undefined {
  if (bytes.length < 2 || bytes.length > MAX_TOPICS) return undefined
  const patterns = new Set<string>()
  let at = 2
  for (let left = bytes.readUInt16BE(0); left > 0; left--) {
    if (at >= bytes.length) return undefined
    const start = at + 1
    at = start + (bytes[at] as number)
    if (at > bytes.length) return undefined
    const pattern = bytes.toString('utf8', start, at)
    if (patternProblem(pattern) !== undefined) return undefined
    patterns.add(pattern)
  }
  return [...patterns]
}

/** The bytes of an event beside its data. `headers`: in latin1. */
function headLength(topic: string, headers: readonly string[]): number {
  let length = 2 * NUMBER_BYTES + 1 + Buffer.byteLength(topic) + 1
  for (let i = 0; i < headers.length; i += 2)
    length += 3 + (headers[i] as string).length + (headers[i + 1] as string).length
  return length
}

/** Why headers can't travel. Undefined if they can. */
export function headersProblem(topic: string, headers: readonly string[]): string | undefined {
  const isFit =
    headers.length <= 2 * MAX_HEADERS &&
    headLength(topic, headers) <= MAX_HEAD &&
    headers.every((text, at) => text.length <= (at % 2 === 0 ? 255 : MAX_VALUE))
  return isFit ? undefined : `must be at most ${MAX_HEADERS}, of at most ${MAX_HEAD} bytes with the topic`
}

export function encodeEvent({ number, time, topic, headers, data }: WireEvent): Buffer {
  const head = headLength(topic, headers)
  // Some queues keep it for long: it has memory of its own.
  const bytes = Buffer.allocUnsafeSlow(head + data.length)
  let at = bytes.writeUIntBE(number, 0, NUMBER_BYTES)
  at = bytes.writeUIntBE(time, at, NUMBER_BYTES) + 1
  const topicLength = bytes.write(topic, at)
  bytes[at - 1] = topicLength
  at += topicLength
  at = bytes.writeUInt8(headers.length / 2, at)
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    at = bytes.writeUInt8(name.length, at)
    at += bytes.write(name, at, 'latin1')
    at = bytes.writeUInt16BE(value.length, at)
    at += bytes.write(value, at, 'latin1')
  }
  bytes.set(data, at)
  return bytes
}

/** Undefined for bytes that are no event. The data is a view of them. */
export function decodeEvent(bytes: Buffer): WireEvent | undefined {
  const topicAt = 2 * NUMBER_BYTES
  if (bytes.length <= topicAt) return undefined
  let at = topicAt + 1 + (bytes[topicAt] as number)
  if (at >= bytes.length) return undefined
  const topic = bytes.toString('utf8', topicAt + 1, at)
  if (topicProblem(topic) !== undefined) return undefined
  let left = bytes[at++] as number
  if (left > MAX_HEADERS) return undefined
  const headers: string[] = []
  for (; left > 0; left--) {
    if (at >= bytes.length) return undefined
    const nameEnd = at + 1 + (bytes[at] as number)
    if (nameEnd + 2 > bytes.length) return undefined
    const name = bytes.toString('latin1', at + 1, nameEnd).toLowerCase()
    at = nameEnd + 2 + bytes.readUInt16BE(nameEnd)
    if (at > bytes.length) return undefined
    const value = bytes.toString('latin1', nameEnd + 2, at)
    if (!token.test(name) || invalidInValue.test(value)) return undefined
    headers.push(name, value)
  }
  if (at > MAX_HEAD) return undefined
  return {
    number: bytes.readUIntBE(0, NUMBER_BYTES),
    time: bytes.readUIntBE(NUMBER_BYTES, NUMBER_BYTES),
    topic,
    headers,
    data: bytes.subarray(at),
  }
}
