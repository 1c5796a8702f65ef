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
