import { randomBytes } from 'node:crypto'
import { idFromBytes, idToBytes, type NodeId } from './identity.js'

/**
 * The HELLO header by which a node asks to be answered on the connection that it made. `1`: if no connection can be made to its
 * endpoint. `only`: in any case.
 */
export const RETURN_HEADER = 'sleuth-return'

/**
 * The routing id of such a connection: this byte, the node's id, and bytes that nobody else knows. Who knew the routing id could
 * connect under it, and the inbox would send him what is for the node.
 */
const ROUTING_PREFIX = 0x03
const ID_END = 17
const ROUTING_BYTES = 33

/** A connection that a node made, and on which it reads answers. */
export interface ReturnPath {
  readonly routingId: Buffer
  /** No connection can be made to the node. */
  readonly only: boolean
}

/** New for each connection. */
export function returnRoutingId(id: NodeId): Buffer {
  return Buffer.concat([Buffer.of(ROUTING_PREFIX), idToBytes(id), randomBytes(ROUTING_BYTES - ID_END)])
}

/** The node that made a connection which can be answered on. */
export function idOfReturn(routingId: Buffer): NodeId | undefined {
  if (routingId.length !== ROUTING_BYTES || routingId[0] !== ROUTING_PREFIX) return undefined
  return idFromBytes(routingId.subarray(1, ID_END))
}

/** The way back that a HELLO asks for, if it does. */
export function returnPathOf(
  routingId: Buffer,
  headers: ReadonlyMap<string, string>,
): ReturnPath | undefined {
  const asked = headers.get(RETURN_HEADER)
  if (idOfReturn(routingId) === undefined || (asked !== '1' && asked !== 'only')) return undefined
  return { routingId, only: asked === 'only' }
}

/** `only`: see `RETURN_HEADER`. */
export function withReturn(headers: ReadonlyMap<string, string>, only: boolean): ReadonlyMap<string, string> {
  return new Map([...headers, [RETURN_HEADER, only ? 'only' : '1']])
}

export function isSamePath(one: ReturnPath | undefined, other: ReturnPath | undefined): boolean {
  return one !== undefined && other !== undefined && one.routingId.equals(other.routingId)
}
