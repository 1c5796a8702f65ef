import { FieldFault, FieldReader, FieldWriter } from './fields.js'

/** RFC 36, "ZRE messages". What a peer says of itself. */
export interface Hello {
  readonly type: 'hello'
  readonly endpoint: string
  readonly groups: readonly string[]
  /** How often the sender's own group list has changed, mod 256. */
  readonly status: number
  readonly name: string
  readonly headers: ReadonlyMap<string, string>
}

/**
 * The messages that we send. ELECT and LEADER are not among them: a gyre node panics at an id above 7. GOODBYE is sent on a
 * closed network alone, where there is no gyre.
 */
export type Outgoing =
  | Hello
  | { readonly type: 'whisper'; readonly content: readonly Buffer[] }
  | { readonly type: 'shout'; readonly group: string; readonly content: readonly Buffer[] }
  | { readonly type: 'join' | 'leave'; readonly group: string; readonly status: number }
  | { readonly type: 'ping' | 'ping-ok' | 'goodbye' }

/** The messages that we understand. An unknown one still used up a sequence number. */
export type Incoming = (
  | Hello
  | { readonly type: 'whisper'; readonly content: Buffer[] }
  | { readonly type: 'shout'; readonly group: string; readonly content: Buffer[] }
  | { readonly type: 'join' | 'leave'; readonly group: string; readonly status: number }
  | { readonly type: 'ping' | 'ping-ok' | 'goodbye' }
  | { readonly type: 'elect' | 'leader'; readonly group: string; readonly challenger: string }
  | { readonly type: 'unknown'; readonly id: number }
) & { readonly sequence: number }

export type IncomingHello = Incoming & { readonly type: 'hello' }
/** What comes after HELLO. */
export type Following = Exclude<Incoming, { type: 'hello' }>

export type MessageFault = 'message-signature' | 'message-version' | 'message-truncated' | 'message-size'

const SIGNATURE = 0xaaa1
const VERSION = 0x02
export const HEAD_BYTES = 6

const ID = { hello: 1, whisper: 2, shout: 3, join: 4, leave: 5, ping: 6, 'ping-ok': 7, goodbye: 10 } as const

/** No real node is in more groups, or tells more headers; a HELLO that claims more is refused. */
export const MAX_GROUPS = 4096
export const MAX_HEADERS = 1024
/** Nor does one have as many bytes of them: all of it is kept for as long as the peer is there. */
export const MAX_HELLO = 256 * 1024

/** The frames of a message. Content frames are passed on as they are, not copied. */
export function encodeMessage(message: Outgoing, sequence: number): Buffer[] {
  switch (message.type) {
    case 'whisper':
      return [encodeHead(ID.whisper, sequence), ...message.content]
    case 'shout':
      return [head(ID.shout, sequence).shortString(message.group).finish(), ...message.content]
    case 'join':
    case 'leave':
      return [head(ID[message.type], sequence).shortString(message.group).u8(message.status).finish()]
    case 'ping':
    case 'ping-ok':
    case 'goodbye':
      return [encodeHead(ID[message.type], sequence)]
    case 'hello':
      return [encodeHello(message, sequence)]
  }
}

/** The bytes of all frames of a message. */
export function sizeOf(frames: readonly Buffer[]): number {
  let size = 0
  for (const frame of frames) size += frame.length
  return size
}

/** The first frame of a WHISPER. `proof` follows its fields. */
export function encodeWhisperHead(sequence: number, proof: Buffer | undefined): Buffer {
  if (proof === undefined) return encodeHead(ID.whisper, sequence)
  const head = Buffer.allocUnsafe(HEAD_BYTES + proof.length)
  writeHead(head, ID.whisper, sequence)
  proof.copy(head, HEAD_BYTES)
  return head
}

/** The number of a WHISPER, by its first frame. Undefined for any other message, and for what is none. */
export function whisperSequence(head: Buffer): number | undefined {
  const fits =
    head.length >= HEAD_BYTES &&
    head[0] === SIGNATURE >> 8 &&
    head[1] === (SIGNATURE & 0xff) &&
    head[2] === ID.whisper &&
    head[3] === VERSION
  return fits ? ((head[4] as number) << 8) | (head[5] as number) : undefined
}

/** `frames` without the routing id. */
export function decodeMessage(frames: readonly Buffer[]): Incoming | MessageFault {
  const first = frames[0]
  if (first === undefined || first.length < HEAD_BYTES) return 'message-truncated'
  if (first.readUInt16BE(0) !== SIGNATURE) return 'message-signature'
  if (first[3] !== VERSION) return 'message-version'
  if (first[2] === ID.hello && first.length > MAX_HELLO) return 'message-size'
  try {
    return decodeFields(first, frames)
  } catch (error) {
    if (error instanceof FieldFault) return 'message-truncated'
    throw error
  }
}

export function isHello(frames: readonly Buffer[]): boolean {
  return frames[0]?.[2] === ID.hello
}

function decodeFields(first: Buffer, frames: readonly Buffer[]): Incoming {
  const id = first.readUInt8(2)
  const sequence = first.readUInt16BE(4)
  const fields = new FieldReader(first, HEAD_BYTES)
  switch (id) {
    case 1:
      return { type: 'hello', sequence, ...decodeHello(fields) }
    case 2:
      return { type: 'whisper', sequence, content: frames.slice(1) }
    case 3:
      return { type: 'shout', sequence, group: fields.shortString(), content: frames.slice(1) }
    case 4:
      return { type: 'join', sequence, group: fields.shortString(), status: fields.u8() }
    case 5:
      return { type: 'leave', sequence, group: fields.shortString(), status: fields.u8() }
    case 6:
      return { type: 'ping', sequence }
    case 7:
      return { type: 'ping-ok', sequence }
    case 8:
      return { type: 'elect', sequence, group: fields.shortString(), challenger: fields.shortString() }
    case 9:
      return { type: 'leader', sequence, group: fields.shortString(), challenger: fields.shortString() }
    case 10:
      return { type: 'goodbye', sequence }
    default:
      return { type: 'unknown', sequence, id }
  }
}

function decodeHello(fields: FieldReader): Omit<Hello, 'type'> {
  const endpoint = fields.shortString()
  const groups: string[] = []
  for (let left = fields.count(4, MAX_GROUPS); left > 0; left--) groups.push(fields.longString())
  const status = fields.u8()
  const name = fields.shortString()
  const headers = new Map<string, string>()
  for (let left = fields.count(5, MAX_HEADERS); left > 0; left--) {
    headers.set(fields.shortString(), fields.longString())
  }
  return { endpoint, groups, status, name, headers }
}

function encodeHello(hello: Hello, sequence: number): Buffer {
  const fields = head(ID.hello, sequence).shortString(hello.endpoint).u32(hello.groups.length)
  for (const group of hello.groups) fields.longString(group)
  fields.u8(hello.status).shortString(hello.name).u32(hello.headers.size)
  for (const [name, value] of hello.headers) fields.shortString(name).longString(value)
  return fields.finish()
}

function head(id: number, sequence: number): FieldWriter {
  return new FieldWriter().u16(SIGNATURE).u8(id).u8(VERSION).u16(sequence)
}

/** The whole first frame of the messages that are sent most, without a writer. */
function encodeHead(id: number, sequence: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  writeHead(head, id, sequence)
  return head
}

function writeHead(head: Buffer, id: number, sequence: number): void {
  head[0] = SIGNATURE >> 8
  head[1] = SIGNATURE & 0xff
  head[2] = id
  head[3] = VERSION
  head[4] = sequence >> 8
  head[5] = sequence & 0xff
}
