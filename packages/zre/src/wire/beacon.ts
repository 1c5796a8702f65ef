import { idFromBytes, idToBytes, type NodeId } from './identity.js'

/** RFC 36, "UDP beacon framing": "ZRE", version, UUID, port. */
export interface Beacon {
  readonly id: NodeId
  /** The port of the sender's inbox; 0 when it is leaving. */
  readonly port: number
}

const PREFIX = Buffer.from('ZRE')
const VERSION = 0x01
const SIZE = 22

export function encodeBeacon(beacon: Beacon): Buffer {
  const bytes = Buffer.alloc(SIZE)
  PREFIX.copy(bytes, 0)
  bytes[3] = VERSION
  idToBytes(beacon.id).copy(bytes, 4)
  bytes.writeUInt16BE(beacon.port, 20)
  return bytes
}

export type BeaconFault = 'beacon-size' | 'beacon-signature' | 'beacon-version'

/** Anyone may send to the discovery port, so what does not decode is the normal case and has a name, not an exception. */
export function decodeBeacon(bytes: Buffer): Beacon | BeaconFault {
  if (bytes.length < 4 || bytes.compare(PREFIX, 0, 3, 0, 3) !== 0) return 'beacon-signature'
  if (bytes[3] !== VERSION) return 'beacon-version'
  if (bytes.length !== SIZE) return 'beacon-size'
  return { id: idFromBytes(bytes.subarray(4, 20)), port: bytes.readUInt16BE(20) }
}
