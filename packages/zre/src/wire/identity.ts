import { randomBytes } from 'node:crypto'

/** A node's UUID as text: 32 uppercase hex digits. Go peers compare the text, so the case matters. */
export type NodeId = string

const ID_BYTES = 16
/** A routing id may not begin with a zero byte, as a UUID may: RFC 36 puts 01 in front of it. */
const ROUTING_PREFIX = 0x01

export function idFromBytes(bytes: Buffer): NodeId {
  return bytes.toString('hex').toUpperCase()
}

export function idToBytes(id: NodeId): Buffer {
  return Buffer.from(id, 'hex')
}

export function isNodeId(text: string): boolean {
  return /^[0-9A-F]{32}$/.test(text)
}

/** The ZeroMQ routing id under which a node's messages arrive: 17 bytes. */
export function routingIdOf(id: NodeId): Buffer {
  return Buffer.concat([Buffer.of(ROUTING_PREFIX), idToBytes(id)])
}

/** The node that a routing id of its own names, or undefined if it names none. */
export function idOfRoutingId(routingId: Buffer): NodeId | undefined {
  if (routingId.length !== ID_BYTES + 1 || routingId[0] !== ROUTING_PREFIX) return undefined
  return idFromBytes(routingId.subarray(1))
}

/** The public name of a node that was given none: the first six digits, as gyre and zyre do. */
export function defaultName(id: NodeId): string {
  return id.slice(0, 6)
}

/** Where a UUID has its version and its variant (RFC 9562). */
const VERSION_AT = 6
const VARIANT_AT = 8
/** A version whose other bits are free. */
const VERSION = 0x80
const VARIANT = 0x80
/** The last two bytes of a marked id are a check of those before. */
const CHECK_AT = 14

export function newId(): NodeId {
  return idFromBytes(randomBytes(ID_BYTES))
}

/**
 * An id that tells from a beacon alone that its node tells others of nodes, and is told of them: a UUID of version 8 with a
 * check. By chance one id in 65,536 of that version has it, and other libraries make ids of other versions.
 */
export function newMarkedId(): NodeId {
  return marked(newId())
}

/** The marked id that has the free bits of another. */
export function marked(id: NodeId): NodeId {
  const bytes = idToBytes(id)
  bytes[VERSION_AT] = VERSION | ((bytes[VERSION_AT] as number) & 0x0f)
  bytes[VARIANT_AT] = VARIANT | ((bytes[VARIANT_AT] as number) & 0x3f)
  bytes.writeUInt16BE(checkOf(bytes), CHECK_AT)
  return idFromBytes(bytes)
}

export function isMarked(id: NodeId): boolean {
  // A digit that says enough of nearly all other ids.
  if (id[2 * VERSION_AT] !== '8') return false
  const bytes = idToBytes(id)
  const isVariant = ((bytes[VARIANT_AT] as number) & 0xc0) === VARIANT
  return isVariant && bytes.readUInt16BE(CHECK_AT) === checkOf(bytes)
}

/** FNV-1a, folded to 16 bits. */
function checkOf(bytes: Buffer): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < CHECK_AT; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return ((hash >>> 16) ^ hash) & 0xffff
}
