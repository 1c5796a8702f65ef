import { createHash } from 'node:crypto'
import { decodeBeacon, encodeBeacon } from '@sleuth/zre/diagnostics'

/** How a message came. `dialled`: over a TCP connection that its reader made. `accepted`: over one that its writer made. */
export const ways = ['broadcast', 'multicast', 'dialled', 'accepted'] as const
export type Way = (typeof ways)[number]
/** The ways by which something was heard. */
export type Heard = ReadonlySet<Way>

export interface PairMessage {
  /** Who says it: 8 hex digits, new at each start. */
  readonly from: string
  /** The TCP port where it listens. 0: it has none. */
  readonly tcpPort: number
  /** By which way it was sent. */
  readonly way: Way
  /** Whom it has heard. Undefined: nobody. */
  readonly about: string | undefined
  /** By which ways it has heard that one. */
  readonly heard: Heard
}

const TAG_BYTES = 5
const NOBODY = '00000000'

/**
 * A message is the beacon of a node that leaves, whose UUID holds what is said: firewalls treat it as any beacon, and nodes, which
 * know no such node, do nothing. UUID: tag of the word (5 bytes), from (4), about (4), way and heard (1), TCP port (2).
 */
export function encodePairMessage(word: string, message: PairMessage): Buffer {
  const { from, about = NOBODY, way, heard, tcpPort } = message
  const bits = ways.reduce((sum, each, at) => sum | (heard.has(each) ? 1 << at : 0), 0)
  const tail = Buffer.of((ways.indexOf(way) << 4) | bits, tcpPort >> 8, tcpPort & 0xff)
  const uuid = Buffer.concat([tagOf(word), Buffer.from(from, 'hex'), Buffer.from(about, 'hex'), tail])
  return encodeBeacon({ id: uuid.toString('hex').toUpperCase(), port: 0 })
}

export const PAIR_MESSAGE_BYTES = 22

/** Undefined for any other datagram, also that of a pair with another word. */
export function decodePairMessage(word: string, bytes: Buffer): PairMessage | undefined {
  const beacon = decodeBeacon(bytes)
  if (typeof beacon === 'string' || beacon.port !== 0) return undefined
  const uuid = Buffer.from(beacon.id, 'hex')
  if (!uuid.subarray(0, TAG_BYTES).equals(tagOf(word))) return undefined
  const flags = uuid.readUInt8(13)
  const way = ways[flags >> 4]
  if (way === undefined) return undefined
  const about = uuid.toString('hex', 9, 13)
  return {
    from: uuid.toString('hex', 5, 9),
    about: about === NOBODY ? undefined : about,
    way,
    heard: new Set(ways.filter((_, at) => (flags & (1 << at)) !== 0)),
    tcpPort: uuid.readUInt16BE(14),
  }
}

function tagOf(word: string): Buffer {
  return createHash('sha256').update(`sleuth doctor --pair ${word}`).digest().subarray(0, TAG_BYTES)
}
