import { randomBytes } from 'node:crypto'
import { parseEndpoint } from './endpoint.js'
import { FieldFault, FieldReader, FieldWriter } from './fields.js'
import { isNodeId, type NodeId } from './identity.js'
import { encodeWhisperHead } from './message.js'

/** Who is at an endpoint, as the node there says over the connection that asks. */
export interface Identity {
  readonly id: NodeId
  /** Where it says that its inbox is. Another endpoint may lead there as well: a virtual address, a forwarded port. */
  readonly endpoint: string
}

/**
 * The routing id of a connection that asks begins with this byte, and not with the 01 of a node's own (RFC 36). Under the
 * node's own, the inbox there would give up the connection that it has, and all that is under way on it.
 */
const ROUTING_PREFIX = 0x02
const ROUTING_BYTES = 17
const QUESTION = 'SLEUTH-IDENTIFY/1'
const ANSWER = 'SLEUTH-IDENTITY/1'

/** New for each connection, so that none pushes another aside. */
export function identifyRoutingId(): Buffer {
  return Buffer.concat([Buffer.of(ROUTING_PREFIX), randomBytes(ROUTING_BYTES - 1)])
}

/** A WHISPER: gyre and zyre ignore one from a node that has not said HELLO. */
export function encodeQuestion(): Buffer[] {
  return [encodeWhisperHead(1, undefined), Buffer.from(QUESTION)]
}

/** Whether a message asks who we are. `frames` without the routing id. */
export function isQuestion(routingId: Buffer, frames: readonly Buffer[]): boolean {
  const asks = routingId.length === ROUTING_BYTES && routingId[0] === ROUTING_PREFIX
  return asks && frames.length === 2 && frames[1]?.toString('latin1') === QUESTION
}

export function encodeIdentity({ id, endpoint }: Identity): Buffer {
  return new FieldWriter().shortString(ANSWER).shortString(id).shortString(endpoint).finish()
}

export function decodeIdentity(frames: readonly Buffer[]): Identity | undefined {
  const [frame] = frames
  if (frame === undefined || frames.length !== 1) return undefined
  try {
    const fields = new FieldReader(frame)
    const magic = fields.shortString()
    const [id, endpoint] = [fields.shortString(), fields.shortString()]
    const good = magic === ANSWER && isNodeId(id) && parseEndpoint(endpoint) !== undefined
    return good ? { id, endpoint } : undefined
  } catch (error) {
    if (error instanceof FieldFault) return undefined
    throw error
  }
}
