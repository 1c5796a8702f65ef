import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { parseMeta } from '../shared/meta.js'
import { isLabel, isServiceName } from '../shared/names.js'
import type { Gone, GoneReason, Message, PartStep, Renewal, Told } from './message.js'
import type { MemberRecord, RecordKey } from './record.js'

/** The kinds of frames with which members tell each other of members. `docs/protocol.md` has their bytes. */
export const MembershipKind = {
  know: 0x10,
  gone: 0x11,
  alive: 0x12,
  digest: 0x13,
  have: 0x14,
  want: 0x15,
  part: 0x16,
} as const

/** The most bytes of a payload: enough for 32,768 keys. */
export const MAX_PAYLOAD = 256 * 1024
/** Longer lists of records become several frames of at most this size. */
const FULL_PAYLOAD = 16 * 1024

const ID_BYTES = 16
const KEY_BYTES = 8
/** The size of a renewal, and of a node that is gone. */
const ITEM_BYTES = ID_BYTES + 4 + 1
/** The fields before the texts of a record: id, incarnation, age, flags, wire. */
const RECORD_HEAD_BYTES = ID_BYTES + 4 + 3
const FOREIGN = 0x01
const UNREACHABLE = 0x02
const MAX_AGE = 255
const MAX_ENDPOINT = 64

const reasons: readonly GoneReason[] = ['lost', 'stopped']
const partSteps: readonly PartStep[] = ['ask', 'agree', 'refuse']

export interface Payload {
  readonly kind: number
  readonly bytes: Buffer
}

/** A decoded payload. `invalid`: how many records were skipped because of impossible values. */
export interface Decoded {
  readonly message: Message
  readonly invalid: number
}

/** A message as payloads of frames. A long list of records becomes several. */
export function encode(message: Message): Payload[] {
  const kind = MembershipKind[message.type]
  switch (message.type) {
    case 'know':
      return inFrames(message.told.map(encodeTold)).map((bytes) => ({ kind, bytes }))
    case 'gone':
      return inFrames(message.gone.map(encodeGone)).map((bytes) => ({ kind, bytes }))
    case 'alive':
      return inFrames(message.renewals.map(encodeRenewal)).map((bytes) => ({ kind, bytes }))
    case 'digest':
      return [{ kind, bytes: encodeKeys([message.digest]) }]
    case 'have':
    case 'want':
      return [{ kind, bytes: encodeKeys(message.keys) }]
    case 'part':
      return [{ kind, bytes: Buffer.of(partSteps.indexOf(message.step)) }]
  }
}

/** Undefined for an unknown kind, and for bytes that are not a message of their kind. */
export function decode(kind: number, bytes: Buffer): Decoded | undefined {
  if (bytes.length > MAX_PAYLOAD) return undefined
  switch (kind) {
    case MembershipKind.know:
      return decodeTold(bytes)
    case MembershipKind.gone:
      return listOf(bytes, ITEM_BYTES, goneAt, (gone) => ({ type: 'gone', gone }))
    case MembershipKind.alive:
      return listOf(bytes, ITEM_BYTES, renewalAt, (renewals) => ({ type: 'alive', renewals }))
    case MembershipKind.digest:
      if (bytes.length < KEY_BYTES) return undefined
      return { message: { type: 'digest', digest: bytes.readBigUInt64BE() }, invalid: 0 }
    case MembershipKind.have:
      return listOf(bytes, KEY_BYTES, keyAt, (keys) => ({ type: 'have', keys }))
    case MembershipKind.want:
      return listOf(bytes, KEY_BYTES, keyAt, (keys) => ({ type: 'want', keys }))
    case MembershipKind.part:
      return decodePart(bytes)
    default:
      return undefined
  }
}

/** The first 8 bytes of SHA-256 over the record as it travels, with the age 0. */
export function keyOf(record: MemberRecord): RecordKey {
  return createHash('sha256')
    .update(encodeTold({ record, age: 0 }))
    .digest()
    .readBigUInt64BE()
}

function inFrames(items: readonly Buffer[]): Buffer[] {
  const frames: Buffer[] = []
  let frame: Buffer[] = []
  let size = 0
  for (const item of items) {
    if (size > 0 && size + item.length > FULL_PAYLOAD) {
      frames.push(Buffer.concat(frame))
      frame = []
      size = 0
    }
    frame.push(item)
    size += item.length
  }
  if (size > 0) frames.push(Buffer.concat(frame))
  return frames
}

function encodeTold({ record, age }: Told): Buffer {
  const { id, incarnation, foreign, unreachable, wire, endpoint, service, version, name, publicKey, meta } =
    record
  const texts = [endpoint, service, version, name, publicKey]
  // Nothing stands for no labels, so such a record is the same as one of an earlier version.
  const metaBytes = meta === '' ? 0 : 2 + Buffer.byteLength(meta)
  const length = texts.reduce((sum, text) => sum + 1 + Buffer.byteLength(text), RECORD_HEAD_BYTES + metaBytes)
  const bytes = Buffer.allocUnsafe(2 + length)
  let at = bytes.writeUInt16BE(length, 0)
  at += bytes.write(id, at, 'hex')
  at = bytes.writeUInt32BE(incarnation, at)
  bytes[at++] = ageByte(age)
  bytes[at++] = (foreign ? FOREIGN : 0) | (unreachable ? UNREACHABLE : 0)
  bytes[at++] = wire
  for (const text of texts) {
    const size = bytes.write(text, at + 1)
    bytes[at] = size
    at += 1 + size
  }
  if (metaBytes > 0) bytes.write(meta, bytes.writeUInt16BE(metaBytes - 2, at))
  return bytes
}

function encodeGone({ id, incarnation, reason }: Gone): Buffer {
  return encodeItem(id, incarnation, reasons.indexOf(reason))
}

function encodeRenewal({ id, incarnation, age }: Renewal): Buffer {
  return encodeItem(id, incarnation, ageByte(age))
}

function encodeItem(id: string, incarnation: number, last: number): Buffer {
  const item = Buffer.alloc(ITEM_BYTES)
  item.write(id, 'hex')
  item.writeUInt8(last, item.writeUInt32BE(incarnation, ID_BYTES))
  return item
}

function encodeKeys(keys: readonly RecordKey[]): Buffer {
  const bytes = Buffer.alloc(keys.length * KEY_BYTES)
  for (const [index, key] of keys.entries()) bytes.writeBigUInt64BE(key, index * KEY_BYTES)
  return bytes
}

function ageByte(age: number): number {
  return Math.min(MAX_AGE, Math.max(0, Math.ceil(age)))
}

function listOf<T>(
  bytes: Buffer,
  size: number,
  itemAt: (bytes: Buffer, at: number) => T,
  messageOf: (items: T[]) => Message,
): Decoded | undefined {
  if (bytes.length % size !== 0) return undefined
  const items: T[] = []
  for (let at = 0; at < bytes.length; at += size) items.push(itemAt(bytes, at))
  return { message: messageOf(items), invalid: 0 }
}

/** What follows the step belongs to a later version and is skipped. */
function decodePart(bytes: Buffer): Decoded | undefined {
  const step = partSteps[bytes[0] ?? -1]
  return step && { message: { type: 'part', step }, invalid: 0 }
}

/** An unknown reason means only that the node is gone. */
function goneAt(bytes: Buffer, at: number): Gone {
  const reason = reasons[bytes[at + ID_BYTES + 4] as number] ?? 'lost'
  return { id: idAt(bytes, at), incarnation: bytes.readUInt32BE(at + ID_BYTES), reason }
}

function renewalAt(bytes: Buffer, at: number): Renewal {
  const age = bytes[at + ID_BYTES + 4] as number
  return { id: idAt(bytes, at), incarnation: bytes.readUInt32BE(at + ID_BYTES), age }
}

function keyAt(bytes: Buffer, at: number): RecordKey {
  return bytes.readBigUInt64BE(at)
}

function idAt(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + ID_BYTES).toUpperCase()
}

/** Each record begins with its length. Bytes after its last text belong to a later version and are skipped. */
function decodeTold(bytes: Buffer): Decoded | undefined {
  const told: Told[] = []
  let invalid = 0
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 2) return undefined
    const end = at + 2 + bytes.readUInt16BE(at)
    if (end > bytes.length) return undefined
    const one = toldAt(bytes.subarray(at + 2, end))
    if (one === undefined) return undefined
    if (isPossible(one.record)) told.push(one)
    else invalid++
    at = end
  }
  return { message: { type: 'know', told }, invalid }
}

/** Undefined for bytes that are cut off. */
function toldAt(bytes: Buffer): Told | undefined {
  if (bytes.length < RECORD_HEAD_BYTES) return undefined
  const texts: string[] = []
  let at = RECORD_HEAD_BYTES
  for (let count = 0; count < 5; count++) {
    if (at >= bytes.length) return undefined
    const start = at + 1
    at = start + (bytes[at] as number)
    if (at > bytes.length) return undefined
    texts.push(bytes.toString('utf8', start, at))
  }
  const meta = metaAt(bytes, at)
  if (meta === undefined) return undefined
  const [endpoint, service, version, name, publicKey] = texts as [string, string, string, string, string]
  const fixed = ID_BYTES + 4
  const flags = bytes.readUInt8(fixed + 1)
  const record = {
    id: idAt(bytes, 0),
    incarnation: bytes.readUInt32BE(ID_BYTES),
    endpoint,
    foreign: (flags & FOREIGN) !== 0,
    unreachable: (flags & UNREACHABLE) !== 0,
    wire: bytes.readUInt8(fixed + 2),
    service,
    version,
    name,
    publicKey,
    meta,
  }
  return { record, age: bytes.readUInt8(fixed) }
}

/** Undefined for bytes that are cut off. */
function metaAt(bytes: Buffer, at: number): string | undefined {
  if (at === bytes.length) return ''
  if (at + 2 > bytes.length) return undefined
  const end = at + 2 + bytes.readUInt16BE(at)
  return end > bytes.length ? undefined : bytes.toString('utf8', at + 2, end)
}

function isPossible({ endpoint, service, version, name, publicKey, wire, meta }: MemberRecord): boolean {
  return (
    wire > 0 &&
    isEndpoint(endpoint) &&
    (service === '' || isServiceName(service)) &&
    isLabel(version) &&
    isLabel(name) &&
    (publicKey === '' || isKey(publicKey)) &&
    parseMeta(meta) !== undefined
  )
}

/** Whether it is an address and a port. A name is refused: looking it up would ask a server that the sender chose. */
export function isEndpoint(text: string): boolean {
  if (text.length > MAX_ENDPOINT) return false
  const match = /^tcp:\/\/(?:([0-9.]+)|\[([0-9a-f:.]+)\]):([1-9][0-9]{0,4})$/.exec(text)
  if (match === null) return false
  const [, four, six, port] = match
  return isIP((four ?? six) as string) === (four === undefined ? 6 : 4) && Number(port) <= 0xffff
}

/** Z85 (RFC 32 of ZeroMQ) of 32 bytes. */
function isKey(text: string): boolean {
  return /^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/.test(text)
}
